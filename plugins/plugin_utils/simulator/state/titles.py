# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names made from keys."""

from __future__ import annotations


def title(key: str) -> str:
    """Return a name for a key."""
    return key.replace("-", " ").replace("_", " ").title()
