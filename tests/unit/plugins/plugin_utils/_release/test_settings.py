# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role: every value may be a string, and what cannot be used is refused by its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import (
    MOST_ATTEMPTS,
    Check,
    PhaseSettings,
    SettingsError,
    read_bool,
    read_seconds,
    read_settings,
    read_whole,
)

AUDIENCES = [{"audience": "staging", "notify_team_keys": ["product"]}]

FULL: dict[str, Any] = {
    "until": "Staging",
    "phases": [
        {
            "phase": "Staging",
            "audiences": AUDIENCES,
            "before": ["a.yml", "b.yml"],
            "after": ["c.yml"],
            "checks": ["d.yml"],
            "soak": 900,
            "wait_timeout": 7200,
            "confirm": True,
        }
    ],
    "checks": [{"command": "true", "attempts": 3, "interval": 30, "failure_limit": 1, "consecutive_success": 2}],
    "wait": False,
    "wait_timeout": 60,
    "wait_interval": 2.5,
    "final_status": "active",
    "confirmed": ["Staging", "Production"],
    "ask": True,
    "on_changed_by_others": "stop",
    "on_approval": "apply",
    "approval_timeout": 0,
    "on_failure": "turn_off_all",
    "freeze": [{"days": "sat-sun", "timezone": "UTC"}],
    "freeze_action": "wait",
    "freeze_override": "hotfix 4711",
    "notify": ["chat"],
}
AS_TEXT: dict[str, Any] = {
    "until": "Staging",
    "phases": json.dumps(
        [
            {
                "phase": "Staging",
                "audiences": AUDIENCES,
                "before": ["a.yml", "b.yml"],
                "after": "c.yml",
                "checks": "d.yml",
                "soak": "15m",
                "wait_timeout": "2h",
                "confirm": "yes",
            }
        ]
    ),
    "checks": "[{command: 'true', attempts: '3', interval: 30s, failure_limit: '1', consecutive_success: '2'}]",
    "wait": "false",
    "wait_timeout": "1m",
    "wait_interval": "2.5",
    "final_status": "active",
    "confirmed": "Staging, Production",
    "ask": "True",
    "on_changed_by_others": "stop",
    "on_approval": "apply",
    "approval_timeout": "0",
    "on_failure": "turn_off_all",
    "freeze": '[{"days": "sat-sun", "timezone": "UTC"}]',
    "freeze_action": "wait",
    "freeze_override": "hotfix 4711",
    "notify": "chat",
}


def test_every_value_may_be_a_string() -> None:
    assert read_settings(AS_TEXT) == read_settings(FULL)
    assert read_settings(AS_TEXT).approval_timeout == 0, "nothing is not a day"


@pytest.mark.parametrize("nothing", ["", None])
def test_what_is_empty_counts_as_not_given(nothing: str | None) -> None:
    assert read_settings(dict.fromkeys(FULL, nothing)) == read_settings({})


def test_without_settings_there_are_defaults() -> None:
    settings = read_settings({})
    assert (settings.until, settings.phases, settings.checks, settings.confirmed) == (None, (), (), ())
    assert (settings.wait, settings.ask, settings.final_status, settings.on_changed_by_others) == (
        True,
        False,
        "completed",
        "adopt",
    )
    assert (settings.wait_timeout, settings.wait_interval, settings.approval_timeout) == (None, 10.0, 86400.0)


def test_a_phase_needs_no_more_than_its_name() -> None:
    assert read_settings({"phases": [{"phase": "Test"}]}).phases == (PhaseSettings("Test"),)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (0, 0),
        (90, 90),
        (1.5, 1.5),
        ("90", 90),
        ("90s", 90),
        (" 15m ", 900),
        ("2 h", 7200),
        ("1d", 86400),
        ("0.5h", 1800),
    ],
)
def test_a_time_is_seconds_or_has_a_unit(given: Any, seconds: float) -> None:
    assert read_seconds("soak", given) == seconds


@pytest.mark.parametrize("given", ["soon", "-1", -1, "1w", "1h30m", "", True, [], "inf", "nan", "1e3", "s"])
def test_what_is_no_time_is_refused(given: Any) -> None:
    with pytest.raises(SettingsError, match=r"soak is .*90s, 15m, 2h or 1d"):
        read_seconds("soak", given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        *((text, True) for text in (True, "true", "True", "yes", "on", "1", 1)),
        *((text, False) for text in (False, "false", "False", "no", "off", "0", 0)),
        (None, True),
        ("", True),
    ],
)
def test_a_boolean_may_be_spelled_as_ansible_spells_it(given: Any, expected: bool) -> None:
    assert read_bool("release_wait", given, default=True) is expected


@pytest.mark.parametrize("given", ["maybe", 2, [], {}])
def test_what_is_no_boolean_is_refused(given: Any) -> None:
    with pytest.raises(SettingsError, match="release_wait"):
        read_bool("release_wait", given, default=True)


@pytest.mark.parametrize("given", [0, "0", -1, "1.5", 1.5, "many", True, "", None])
def test_what_is_no_count_is_refused(given: Any) -> None:
    with pytest.raises(SettingsError, match=r"attempts is .*1 or more"):
        read_whole("attempts", given, 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Production", ("Production",)),
        ("Test, Production", ("Test", "Production")),
        ('["Test, then Staging"]', ("Test, then Staging",)),
        (["Test", 5], ("Test", "5")),
        ([], ()),
    ],
)
def test_confirmed_phases_are_a_list_or_text_with_commas(given: Any, expected: tuple[str, ...]) -> None:
    assert read_settings({"confirmed": given}).confirmed == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("check.yml", Check("check.yml", "tasks", "check.yml", {})),
        ({"tasks": "check.yml"}, Check("check.yml", "tasks", "check.yml", {})),
        ({"tasks": "check.yml", "name": "smoke"}, Check("smoke", "tasks", "check.yml", {})),
        ({"command": "ls -l"}, Check("command", "command", None, {"cmd": "ls -l"})),
        (
            {"command": {"argv": ["ls"], "rc": "2", "chdir": "/"}},
            Check("command", "command", None, {"argv": ["ls"], "rc": 2, "chdir": "/"}),
        ),
        ({"http": {"url": "u", "status": "204"}}, Check("http", "http", None, {"url": "u", "status": [204]})),
        (
            {"http": {"url": "u", "status": [200, "204"]}},
            Check("http", "http", None, {"url": "u", "status": [200, 204]}),
        ),
        (
            {"prometheus": {"url": "u", "query": "up", "condition": "value > 0"}, "during": "soak", "interval": "1m"},
            Check(
                "prometheus",
                "prometheus",
                None,
                {"url": "u", "query": "up", "condition": "value > 0"},
                during="soak",
                interval=60.0,
            ),
        ),
        # in a soak there is always one more measurement to come
        (
            {"tasks": "c.yml", "during": "soak", "consecutive_success": 5},
            Check("c.yml", "tasks", "c.yml", {}, during="soak", consecutive_success=5),
        ),
    ],
)
def test_a_check_is_a_task_file_or_a_preset(given: Any, expected: Check) -> None:
    assert read_settings({"checks": [given]}).checks == (expected,)
    assert read_settings({"checks": json.dumps([given])}).checks == (expected,)


def test_one_check_alone_needs_no_list_when_it_is_text() -> None:
    assert read_settings({"checks": "check.yml"}).checks == read_settings({"checks": ["check.yml"]}).checks


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"final_status": "done"}, "release_final_status is 'done': it is one of completed, active."),
        ({"on_changed_by_others": "ignore"}, "release_on_changed_by_others is 'ignore': it is one of adopt, stop."),
        ({"wait": "perhaps"}, "release_wait is 'perhaps', which is neither true nor false."),
        ({"wait_interval": 0}, "release_wait_interval is 0: a pause has to be longer than nothing."),
        ({"wait_timeout": "long"}, "release_wait_timeout is 'long': give seconds"),
        ({"phases": "Test"}, "release_phases has to be a list."),
        ({"phases": "[{phase: "}, "release_phases is text that is not YAML"),
        ({"phases": {"phase": "Test"}}, "release_phases has to be a list."),
        ({"phases": ["Test"]}, "release_phases[0] has to be a dictionary."),
        ({"phases": [{"soak": 1}]}, "release_phases[0] does not say which phase it is about"),
        (
            {"phases": [{"phase": "Test", "sok": 1}]},
            "release_phases[0] has sok, which is not known there; known are phase,",
        ),
        ({"phases": [{"phase": "A"}, {"phase": "B", "soak": "x"}]}, "release_phases[1].soak is 'x'"),
        (
            {"phases": [{"phase": "A", "audiences": ["production"]}]},
            "release_phases[0].audiences[0] has to be a dictionary.",
        ),
        ({"phases": [{"phase": "A", "audiences": [{}]}]}, "release_phases[0].audiences[0] does not say which audience"),
        (
            {"phases": [{"phase": "A", "audiences": [{"audience": "x", "windw": 1}]}]},
            "release_phases[0].audiences[0] has windw, which is not known there",
        ),
        (
            {
                "phases": [
                    {
                        "phase": "A",
                        "audiences": [
                            {
                                "audience": "x",
                                "release_guardian_configuration": {"monitoring_window_milliseconds": "long"},
                            }
                        ],
                    }
                ]
            },
            "release_phases[0].audiences[0].release_guardian_configuration.monitoring_window_milliseconds is 'long'",
        ),
        ({"checks": [{}]}, "release_checks[0] needs one of tasks, http, prometheus, command, and has none."),
        ({"checks": [{"command": "a", "tasks": "b"}]}, "release_checks[0] needs one of"),
        ({"checks": [{"http": {}}]}, "release_checks[0].http lacks url."),
        ({"checks": [{"http": "https://x"}]}, "release_checks[0].http has to be a dictionary."),
        ({"checks": [{"http": {"url": "x", "body": 1}}]}, "release_checks[0].http has body, which is not known there"),
        ({"checks": [{"http": {"url": "x", "status": "ok"}}]}, "release_checks[0].http.status is 'ok'"),
        ({"checks": [{"prometheus": {"url": "x"}}]}, "release_checks[0].prometheus lacks query, condition."),
        (
            {"checks": [{"command": {"cmd": "a", "argv": ["a"]}}]},
            "release_checks[0].command needs one of cmd and argv.",
        ),
        ({"checks": [{"command": {}}]}, "release_checks[0].command needs one of cmd and argv."),
        (
            {"checks": [{"command": "a", "attempts": 0}]},
            "release_checks[0].attempts is 0: give a whole number, 1 or more.",
        ),
        (
            {"checks": [{"command": "a", "attempts": MOST_ATTEMPTS + 1}]},
            f"release_checks[0].attempts is {MOST_ATTEMPTS + 1}: at most {MOST_ATTEMPTS}",
        ),
        (
            {"checks": [{"command": "a", "consecutive_success": 3, "attempts": 2}]},
            "release_checks[0] wants 3 successes in a row in 2 attempts, which cannot be.",
        ),
        ({"checks": [{"command": "a", "during": "night"}]}, "release_checks[0].during is 'night'"),
        ({"phases": [{"phase": "A", "checks": [{"http": {}}]}]}, "release_phases[0].checks[0].http lacks url."),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(given)
    assert said in str(refused.value)
