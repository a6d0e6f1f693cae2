# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rehearsal runs on the clock of its simulator, and its limits on ours."""

from __future__ import annotations

from email.utils import formatdate

from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.rehearsal_clock import (
    real_times,
    simulated,
    simulated_times,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    Clock,
    ScriptedTransport,
    answer,
)

REHEARSAL = {"speed": "3600", "clock": {"now": (NOW + 1000) * 1000, "wall": NOW * 1000}}


def test_rehearsal_clock_runs_at_the_speed_of_the_simulator() -> None:
    clock = Clock()
    runtime = simulated(clock.runtime(), REHEARSAL)
    before = runtime.monotonic()
    assert runtime.wall() == NOW + 1000
    runtime.sleep(3600.0)
    assert (clock.sleeps, runtime.wall()) == ([1.0], NOW + 1000 + 3600)
    assert runtime.monotonic() == before + 1.0


def test_rehearsal_clock_does_not_follow_the_dates_of_answers() -> None:
    """The simulator dates them by our clock, on which the steps of days would never be due."""
    clock = Clock()
    runtime = simulated(clock.runtime(), REHEARSAL)
    client = Http(ScriptedTransport(answer({}, Date=formatdate(clock.wall(), usegmt=True))), runtime, 0, 1.0)
    client.read("/api/v2/flags/shop/cart", "read the flag")
    assert client.service_time() == runtime.wall() == NOW + 1000


def test_rehearsal_clock_never_sleeps_for_too_short() -> None:
    clock = Clock()
    simulated(clock.runtime(), REHEARSAL).sleep(10.0)
    assert clock.sleeps == [0.05]


def test_rehearsal_limits_are_real_times() -> None:
    steps = [{"percent": 10, "duration": 7200.0}]
    given = {"environment_key": "dev", "steps": steps, "approval_timeout": 86400.0, "health_check_timeout": 0.0}
    assert real_times({**given, "wait_interval": 3600.0}, REHEARSAL) == {
        **given,
        "wait_timeout": 602.0,
        "approval_timeout": 624.0,
        "health_check_timeout": 0.0,
        "wait_interval": 60.0,
    }
    assert real_times({"wait_timeout": 3600.0, "wait_interval": 5}, REHEARSAL) == {
        "wait_timeout": 601.0,
        "wait_interval": 5.0,
    }


def test_rehearsal_result_has_the_time_it_would_have_waited() -> None:
    assert simulated_times({"waited": 1.5, "action": "start"}, REHEARSAL) == {"waited": 5400.0, "action": "start"}
