# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a cached list of releases is found by. Pure."""

from __future__ import annotations

import hashlib
import json
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# Counts the shapes of what is cached.
SHAPE = 1
# The key is the name of a file that others may see: guessing the token behind it has to take time.
ROUNDS = 100_000
# Which of several ways is taken to the same answer does not matter.
NOT_ABOUT_THE_ANSWER = frozenset(
    {"access_token", "http_timeout", "max_retries", "retry_timeout", "validate_certs", "ca_path"}
)


def cache_key(prefix: str, options: Mapping[str, t.Any]) -> str:
    """A key apart for each file, instance, token and set of options that select flags. The token's hash has all others for a salt."""
    others = {name: value for name, value in options.items() if name not in NOT_ABOUT_THE_ANSWER}
    salt = json.dumps([SHAPE, prefix, others], sort_keys=True, default=str).encode()
    token = str(options.get("access_token") or "").strip().encode("utf-8", "replace")
    return f"{prefix}_{hashlib.pbkdf2_hmac('sha256', token, salt, ROUNDS).hex()[:32]}"
