# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The page that explains every error code. The message of a failed task ends with the address of its code."""

from __future__ import annotations

import re
import typing as t

# Beside what galaxy.yml names as the documentation.
PAGE = "https://github.com/flagops/flagops.launchdarkly/blob/main/docs/errors.md"

# LaunchDarkly, or a task file of the user's, may use any other word as a code.
_ANCHOR = re.compile(r"[a-z][a-z0-9_]*")
_ADDRESS = re.compile(rf" See {re.escape(PAGE)}(?:#[a-z0-9_]+)?$")


def add_address(message: str, code: str) -> str:
    """The message with a last sentence that names the address of the code."""
    said = without_address(message).rstrip()
    stop = "" if said.endswith((".", "!", "?", ":")) else "."
    anchor = f"#{code}" if _ANCHOR.fullmatch(code) else ""
    return f"{said}{stop} See {PAGE}{anchor}"


def without_address(message: str) -> str:
    """The message as it was, for what quotes it: a line of a run, a notice, a report."""
    return _ADDRESS.sub("", message)


def with_address(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """The result of a task. A failure with a code says in `msg` where the code is explained."""
    message, code = result.get("msg"), result.get("error_code")
    if not result.get("failed") or not isinstance(message, str) or not isinstance(code, str):
        return result
    return {**result, "msg": add_address(message, code)}
