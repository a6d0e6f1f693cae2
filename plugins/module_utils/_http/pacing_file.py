# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the forks of a run share about the rate limits of a token: what the headers said, as a file holds it."""

from __future__ import annotations

import json
import typing as t

from .pacing import Window
from .shared_file import Form

if t.TYPE_CHECKING:
    from .pacing import Windows


def text_of(windows: Windows) -> bytes:
    return json.dumps(windows).encode()


def windows_from(text: bytes) -> Windows:
    """What the file holds; nothing if it is not what `text_of` writes."""
    try:
        document = json.loads(text)
        return {name: _window(*fields) for name, fields in document.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _window(limit: t.Any, left: t.Any, until: t.Any, after: t.Any, probing: t.Any) -> Window:
    well_formed = (
        _is_count(limit) and limit >= 0,
        _is_count(left) and left <= limit,
        isinstance(until, float) and abs(until) < float("inf"),
        after is None or (isinstance(after, float) and abs(after) < float("inf")),
        isinstance(probing, bool),
    )
    if not all(well_formed):
        raise ValueError("it is not a window")
    return Window(limit, left, until, after, probing)


def _is_count(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9


FORM: Form[Windows] = Form({}, windows_from, text_of)
