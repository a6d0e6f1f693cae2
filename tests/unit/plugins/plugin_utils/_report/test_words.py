# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single facts of a report as words."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.words import (
    day_and_time,
    is_web_address,
    job,
    took,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://app.launchdarkly.com/approvals/1", True),
        ("HTTP://example.com", True),
        ("javascript:alert(1)", False),
        ("https://example.com/> [x](javascript:alert(1))", False),
        ("https://example.com/\nx", False),
        ("https://example.com\n", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        (None, False),
    ],
)
def test_is_web_address(url: str | None, expected: bool) -> None:
    assert is_web_address(url) is expected


def test_took_has_a_decimal_below_a_second() -> None:
    assert [took(seconds) for seconds in (0.0, 0.25, 1.0, 90.0)] == ["0s", "0.2s", "1s", "1m 30s"]


def test_day_and_time_keeps_what_is_no_time() -> None:
    assert day_and_time("2026-10-26T06:13:20.000Z") == ("2026-10-26", "06:13:20 UTC")
    assert day_and_time("soon") == ("soon", "")


@pytest.mark.parametrize(
    ("ran_by", "expected"),
    [
        ({"system": "gitlab_ci", "job": "7"}, "GitLab CI job 7"),
        ({"system": "tekton", "job": "7"}, "tekton 7"),
        ({"system": "jenkins", "job": None}, "Jenkins build"),
    ],
)
def test_job_names_its_system(ran_by: dict[str, str | None], expected: str) -> None:
    assert job(ran_by) == expected
