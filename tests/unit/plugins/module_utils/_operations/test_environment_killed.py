# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed before or after any of its requests, and run again: one release, and nobody gets it early."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    GUARDED,
    PERCENTAGE,
    PROGRESSIVE,
    Stage,
    Staging,
    summary,
)

MAX_REQUESTS = 12


class Killed(BaseException):
    """The process is gone."""


def run_until_killed(play: Stage, requests: int, options: dict[str, Any]) -> bool:
    """Run with room for so many requests. False when that was enough."""
    left = [requests]

    def still_wanted() -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1

    try:
        play.run(**options, still_wanted=still_wanted)
    except Killed:
        return True
    return False


def early(play: Stage) -> bool:
    """Does everybody get the new variation, or do those who are not in the share?"""
    return bool(play.flag["on"] and play.flag["fallthrough"].get("variation") == 0)


@pytest.mark.parametrize("cut", [None, "after"])
@pytest.mark.parametrize("options", [PROGRESSIVE, GUARDED, PERCENTAGE, {**PROGRESSIVE, "segments": ["beta"]}])
def test_killed_start_resumes_with_one_release(stage: Staging, options: dict[str, Any], cut: str | None) -> None:
    for requests in range(MAX_REQUESTS):
        play = stage()
        if cut:
            for method in ("PATCH", "POST"):
                play.fault(method=method, cut=cut)
        was_killed = run_until_killed(play, requests, options)
        assert not early(play)
        result = play.run(**options)
        assert summary(result)[0] is None
        assert result["status"] == "active"
        assert not early(play)
        assert len(play.releases) == (0 if options is PERCENTAGE else 1)
        play.close()
        if not was_killed:
            return
    raise AssertionError("more requests than expected")


@pytest.mark.parametrize("options", [{}, PROGRESSIVE, PERCENTAGE])
def test_killed_undo_resumes(stage: Staging, options: dict[str, Any]) -> None:
    for requests in range(MAX_REQUESTS):
        play = stage()
        play.run(**options, wait=True)
        was_killed = run_until_killed(play, requests, {"state": "rolled_back"})
        assert summary(play.run(state="rolled_back"))[0] is None
        assert play.flag["fallthrough"] == {"variation": 1}
        assert summary(play.run(**options))[3] == "reverted"
        play.close()
        if not was_killed:
            return
    raise AssertionError("more requests than expected")


def run_once_due(play: Stage, results: list[dict[str, Any]], left: list[int]) -> None:
    """Run it when nothing is left to count down."""
    left[0] -= 1
    if left[0] == 0:
        results.append(play.run(**PROGRESSIVE))


def test_two_runs_at_once_start_one_release(stage: Staging) -> None:
    """The second one runs to its end at each point of the first one."""
    for requests in range(MAX_REQUESTS):
        play = stage()
        results: list[dict[str, Any]] = []
        left = [requests]
        meanwhile = functools.partial(run_once_due, play, results, left)
        results.append(play.run(**PROGRESSIVE, still_wanted=meanwhile, counted=False))
        assert [result["status"] for result in results] == ["active"] * len(results)
        assert sum(result["action"] == "start" and result["changed"] for result in results) >= 1
        assert len(play.releases) == 1
        play.close()
        if left[0] > 0:
            return
    raise AssertionError("more requests than expected")
