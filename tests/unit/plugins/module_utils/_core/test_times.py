# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times as text."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-26T06:13:20.007Z", datetime.datetime(2026, 10, 26, 6, 13, 20, 7000, UTC)),
        ("2026-10-26T06:13:20.123456z", datetime.datetime(2026, 10, 26, 6, 13, 20, 123456, UTC)),
        ("2026-10-26T06:13:20.1Z", datetime.datetime(2026, 10, 26, 6, 13, 20, 100000, UTC)),
        ("2026-10-26T06:13:20.123456789Z", datetime.datetime(2026, 10, 26, 6, 13, 20, 123456, UTC)),
        ("2026-10-26T06:13:20+00:00", datetime.datetime(2026, 10, 26, 6, 13, 20, 0, UTC)),
        ("2026-10-26 06:13", datetime.datetime(2026, 10, 26, 6, 13)),
        ("2026-10-26", datetime.datetime(2026, 10, 26)),
    ],
)
def test_moment(text: str, expected: datetime.datetime) -> None:
    assert moment(text) == expected


def test_moment_refuses_other_text() -> None:
    with pytest.raises(ValueError, match="noon"):
        moment("noon")
