# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The only place that reads a time from text."""

from __future__ import annotations

import datetime
import re


def moment(iso: str) -> datetime.datetime:
    """An ISO 8601 time. One without an offset stays without a time zone. Raises ValueError."""
    # Python before 3.11 reads neither the Z nor a fraction of any length, such as Go writes.
    text = re.sub(r"\.([0-9]+)", lambda found: f".{found[1][:6]:0<6}", re.sub("[Zz]$", "+00:00", iso))
    return datetime.datetime.fromisoformat(text)
