# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role: every value may be text, and what cannot be used is refused in a sentence that names it."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.notices import EVENTS
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import (
    Check,
    PhaseSettings,
    SettingsError,
    read_arguments,
    read_files,
    read_names,
    read_settings,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_checks import MAX_ATTEMPTS

AUDIENCES = [
    {
        "audience": "staging",
        "notify_team_keys": ["product"],
        "release_guardian_configuration": {"monitoring_window_milliseconds": 60000, "rollback_on_regression": True},
    }
]
AUDIENCES_AS_TEXT = [
    {
        "audience": "staging",
        "notify_member_ids": None,
        "notify_team_keys": "product",
        "release_guardian_configuration": {"monitoring_window_milliseconds": "60000", "rollback_on_regression": "yes"},
    }
]

FULL: dict[str, Any] = {
    "project_key": "shop",
    "flag_key": "cart",
    "pipeline_key": "standard",
    "variation": True,
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
    "notify_events": ["completed", "failed"],
    "webhook_url": "https://example.com/hook",
    "chat_url": "https://example.com/chat",
    "report_dir": "reports",
    "report_publish": ["publish.yml"],
    "tasks_dir": "runbooks",
}
AS_TEXT: dict[str, Any] = {
    "project_key": "shop",
    "flag_key": "cart",
    "pipeline_key": "standard",
    "variation": "true",
    "until": "Staging",
    "phases": json.dumps(
        [
            {
                "phase": "Staging",
                "audiences": AUDIENCES_AS_TEXT,
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
    "notify_events": "completed, failed",
    "webhook_url": "https://example.com/hook",
    "chat_url": "https://example.com/chat",
    "report_dir": "reports",
    "report_publish": "publish.yml",
    "tasks_dir": "runbooks",
}


def test_settings_may_all_be_text() -> None:
    assert read_settings(AS_TEXT) == read_settings(FULL)
    assert read_settings(AS_TEXT).approval_timeout == 0, "0 is not the default"


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_settings_that_are_blank_count_as_not_given(blank: str | None) -> None:
    assert read_settings(dict.fromkeys(FULL, blank)) == read_settings({})
    phase = {"phase": "Test", "audiences": blank, "before": blank, "checks": blank, "soak": blank, "confirm": blank}
    check = {"http": blank, "command": "true", "name": blank, "attempts": blank, "interval": blank, "during": blank}
    assert read_settings({"phases": [phase]}) == read_settings({"phases": [{"phase": "Test"}]})
    assert read_settings({"checks": [check]}) == read_settings({"checks": [{"command": "true"}]})


def test_settings_have_defaults() -> None:
    settings = read_settings({})
    assert (settings.until, settings.phases, settings.checks, settings.confirmed) == (None, (), (), ())
    assert (settings.wait, settings.ask, settings.final_status) == (True, False, "completed")
    assert (settings.on_changed_by_others, settings.on_approval, settings.on_failure) == ("adopt", "wait", "stop")
    assert (settings.wait_timeout, settings.wait_interval, settings.approval_timeout) == (None, 10.0, 86400.0)
    assert (settings.freeze, settings.freeze_action, settings.freeze_override) == ([], "stop", None)


def test_settings_ignore_other_variables() -> None:
    assert read_settings({"manager": "Kim", "result": {}}) == read_settings({})


def test_settings_without_hooks_have_no_notices() -> None:
    assert read_settings({"skip": ["hooks"], "notify": "[half a list"}).notify == ()


def test_phase_settings_need_only_a_name() -> None:
    assert read_settings({"phases": [{"phase": "Test"}]}).phases == (PhaseSettings("Test"),)


@pytest.mark.parametrize(
    ("given", "expected"), [("Test", "Test"), (5, "5"), (1.5, "1.5"), (datetime.date(2026, 11, 26), "2026-11-26")]
)
def test_names_may_be_numbers(given: Any, expected: str) -> None:
    settings = read_settings({"until": given, "confirmed": [given], "phases": [{"phase": given}]})
    assert (settings.until, settings.confirmed, settings.phases[0].phase) == (expected, (expected,), expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("true", "true"), (True, "true"), (5, "5"), ({"color": "red"}, '{"color": "red"}'), ("Blue", "Blue"), ("", None)],
)
def test_variation_is_text_or_json(given: Any, expected: str | None) -> None:
    assert read_settings({"variation": given}).variation == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Production", ["Production"]),
        ("Test, Production", ["Test", "Production"]),
        ("Test\nProduction\n", ["Test", "Production"]),
        ("- Test\n- Production", ["Test", "Production"]),
        ('["Test, then Staging"]', ["Test, then Staging"]),
        (["Test", 5], ["Test", "5"]),
        ([], []),
        (None, []),
    ],
)
def test_names_are_a_list_or_text_with_commas(given: Any, expected: list[str]) -> None:
    assert read_names("release_confirmed", given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("a, b.yml", ("a, b.yml",)), ("[a.yml, b.yml]", ("a.yml", "b.yml")), (["a.yml"], ("a.yml",)), ("", ())],
)
def test_files_are_a_list_or_one_name(given: Any, expected: tuple[str, ...]) -> None:
    assert read_files("before", given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("check.yml", Check("check.yml", "tasks", "check.yml", {})),
        ({"tasks": "check.yml"}, Check("check.yml", "tasks", "check.yml", {})),
        ({"tasks": "check.yml", "name": "smoke"}, Check("smoke", "tasks", "check.yml", {})),
        ({"tasks": "check.yml", "name": 5}, Check("5", "tasks", "check.yml", {})),
        ({"command": "ls -l"}, Check("command", "command", None, {"cmd": "ls -l"})),
        (
            {"command": {"argv": ["ls", 5], "rc": "2", "chdir": "/"}},
            Check("command", "command", None, {"argv": ["ls", "5"], "rc": 2, "chdir": "/"}),
        ),
        ({"http": {"url": "u", "status": "204"}}, Check("http", "http", None, {"url": "u", "status": [204]})),
        (
            {"http": {"url": "u", "status": [200, "204"], "method": "post", "timeout": "1m", "validate_certs": "no"}},
            Check(
                "http",
                "http",
                None,
                {"url": "u", "status": [200, 204], "method": "POST", "timeout": 60, "validate_certs": False},
            ),
        ),
        (
            {"http": {"url": "u", "headers": '{"X-Number": 5, "X-Nothing": ""}'}},
            Check("http", "http", None, {"url": "u", "headers": {"X-Number": "5"}}),
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
        # In a soak there is always one more measurement to come.
        (
            {"tasks": "c.yml", "during": "soak", "consecutive_success": 5},
            Check("c.yml", "tasks", "c.yml", {}, during="soak", consecutive_success=5),
        ),
    ],
)
def test_check_is_a_task_file_or_a_preset(given: Any, expected: Check) -> None:
    assert read_settings({"checks": [given]}).checks == (expected,)
    assert read_settings({"checks": json.dumps([given])}).checks == (expected,)
    assert read_settings({"checks": [json.dumps(given) if isinstance(given, dict) else given]}).checks == (expected,)


def test_check_that_is_one_text_needs_no_list() -> None:
    assert read_settings({"checks": "check.yml"}).checks == read_settings({"checks": ["check.yml"]}).checks


def test_check_arguments_are_only_what_is_given() -> None:
    assert read_arguments("x", "http", {"url": "u", "method": None, "condition": ""}) == {"url": "u"}


NEEDS_A_KIND = "release_checks[0] needs exactly one of tasks, http, prometheus, command"
GUARDIAN = "release_phases[0].audiences[0].release_guardian_configuration"


def guarded(**guardian: Any) -> dict[str, Any]:
    return {"phases": [{"phase": "A", "audiences": [{"audience": "x", "release_guardian_configuration": guardian}]}]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"final_status": "done"}, "release_final_status must be completed or active."),
        ({"on_changed_by_others": "ignore"}, "release_on_changed_by_others must be adopt or stop."),
        ({"on_failure": True}, "release_on_failure must be stop, turn_off, turn_off_all, roll_back or restore."),
        (
            {"notify_events": "completed, done"},
            f"release_notify_events must be {', '.join(EVENTS[:-1])} or failed.",
        ),
        ({"wait": "perhaps"}, "release_wait must be true or false."),
        ({"wait_interval": 0}, "release_wait_interval must be greater than 0."),
        (
            {"wait_timeout": "long"},
            "release_wait_timeout must be seconds, or a number with a unit such as 90s, 15m, 2h or 1d.",
        ),
        ({"until": True}, "release_until must be text, not true or false; put a name such as 'on' in quotes."),
        ({"until": ["Test"]}, "release_until must be text."),
        ({"confirmed": [["Test"]]}, "release_confirmed must be a list of texts."),
        ({"confirmed": {"phase": "Test"}}, "release_confirmed must be a list."),
        ({"phases": "Test"}, "release_phases must be a list."),
        ({"phases": "[{phase: "}, "release_phases is text that is neither JSON nor YAML."),
        ({"phases": {"phase": "Test"}}, "release_phases must be a list."),
        ({"phases": ["Test"]}, "release_phases[0] must be a dictionary."),
        ({"phases": [{"soak": 1}]}, "release_phases[0] needs phase."),
        ({"phases": [{"phase": "  "}]}, "release_phases[0] needs phase."),
        (
            {"phases": [{"phase": "Test", "sok": 1}]},
            (
                "release_phases[0] has an unknown key sok. Did you mean soak? Valid keys: phase, audiences, before, after, checks,"
                " soak, wait_timeout, confirm."
            ),
        ),
        (
            {"phases": [{"phase": "A"}, {"phase": "B", "soak": "x"}]},
            "release_phases[1].soak must be seconds, or a number with a unit such as 90s, 15m, 2h or 1d.",
        ),
        (
            {"phases": [{"phase": "A", "audiences": ["production"]}]},
            "release_phases[0].audiences[0] must be a dictionary.",
        ),
        ({"phases": [{"phase": "A", "audiences": [{}]}]}, "release_phases[0].audiences[0] needs audience."),
        (
            guarded(monitoring_window_milliseconds="long"),
            f"{GUARDIAN}.monitoring_window_milliseconds must be a whole number, 0 or more.",
        ),
        (
            guarded(window=1),
            (
                f"{GUARDIAN} has an unknown key window. Valid keys: monitoring_window_milliseconds, rollout_weight,"
                " rollback_on_regression, randomization_unit."
            ),
        ),
        ({"checks": [{}]}, f"{NEEDS_A_KIND}, and has none."),
        ({"checks": [{"command": "a", "tasks": "b"}]}, f"{NEEDS_A_KIND}, not tasks and command."),
        ({"checks": [{"command": ""}]}, f"{NEEDS_A_KIND}, and has none."),
        ({"checks": [5]}, "release_checks[0] must be a dictionary."),
        ({"checks": [{"http": {}}]}, "release_checks[0].http needs url."),
        ({"checks": [{"http": "https://x"}]}, "release_checks[0].http must be a dictionary."),
        (
            {"checks": [{"http": {"url": "x", "body": 1}}]},
            (
                "release_checks[0].http has an unknown key body. Valid keys: url, status, condition, method, headers,"
                " validate_certs, timeout."
            ),
        ),
        (
            {"checks": [{"http": {"url": "x", "status": "ok"}}]},
            "release_checks[0].http.status must be a whole number, 100 or more.",
        ),
        (
            {"checks": [{"http": {"url": "x", "headers": ["a"]}}]},
            "release_checks[0].http.headers must be a dictionary.",
        ),
        (
            {"checks": [{"http": {"url": "x", "validate_certs": 2}}]},
            "release_checks[0].http.validate_certs must be true or false.",
        ),
        ({"checks": [{"prometheus": {"url": "x"}}]}, "release_checks[0].prometheus needs query and condition."),
        (
            {"checks": [{"command": {"cmd": "a", "argv": ["a"]}}]},
            "release_checks[0].command needs exactly one of cmd and argv.",
        ),
        ({"checks": [{"command": {}}]}, "release_checks[0].command needs exactly one of cmd and argv."),
        (
            {"checks": [{"command": "a", "attempts": 0}]},
            "release_checks[0].attempts must be a whole number, 1 or more.",
        ),
        (
            {"checks": [{"command": "a", "attempts": MAX_ATTEMPTS + 1}]},
            f"release_checks[0].attempts must be {MAX_ATTEMPTS} or less.",
        ),
        (
            {"checks": [{"command": "a", "consecutive_success": 3, "attempts": 2}]},
            "release_checks[0]: consecutive_success (3) must not exceed attempts (2).",
        ),
        ({"checks": [{"command": "a", "during": "night"}]}, "release_checks[0].during must be soak or rollout."),
        ({"phases": [{"phase": "A", "checks": [{"http": {}}]}]}, "release_phases[0].checks[0].http needs url."),
        ({"freeze": [{"days": "fri"}]}, "release_freeze[0] needs timezone."),
        # All that is wrong at once.
        (
            {"wait": "perhaps", "checks": ["a.yml", {"command": "a", "attempts": "x", "interval": "y"}]},
            (
                "release_checks[1].attempts must be a whole number, 1 or more. release_checks[1].interval must be seconds, or a number"
                " with a unit such as 90s, 15m, 2h or 1d. release_wait must be true or false."
            ),
        ),
    ],
)
def test_settings_that_cannot_be_used_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(given)
    assert str(refused.value) == said
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__, (
        "ansible-core prints the cause of an error, and pydantic's words hold the value"
    )


GIVEN = "Bearer 4711-private"


@pytest.mark.parametrize(
    "given",
    [
        {"wait": GIVEN},
        {"wait_timeout": GIVEN},
        {"on_failure": GIVEN},
        {"phases": GIVEN},
        {"phases": f"[{{{GIVEN}: "},
        {"checks": [{"http": GIVEN}]},
        {"checks": [{"http": {"url": "u", "headers": GIVEN}}]},
        {"checks": [{"http": {"url": "u", "headers": [GIVEN]}}]},
        {"checks": [{"http": {"url": "u", "headers": {"Authorization": [GIVEN]}}}]},
        {"checks": [{"http": {"url": "u", "headers": {"Authorization": GIVEN}, "status": GIVEN}}]},
        {"checks": [{"http": {"headers": {"Authorization": GIVEN}}}]},
        {"checks": [{"attempts": GIVEN, "command": "a"}]},
        {"freeze": [{"timezone": GIVEN, "days": "fri"}]},
        {"freeze": [{"timezone": "UTC", "days": GIVEN}]},
        {"freeze": [{"timezone": "UTC", "from": GIVEN, "to": GIVEN}]},
    ],
)
def test_settings_never_repeat_a_value(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(given)
    assert "4711" not in str(refused.value)
    assert "pydantic" not in str(refused.value)


def test_settings_without_pydantic_say_what_to_install() -> None:
    program = (
        "import sys; sys.modules['pydantic'] = None; sys.path[:] = {path!r}\n"
        "from {package} import settings\n"
        "try:\n settings.read_settings({{}})\n"
        "except settings.SettingsError as error:\n print(error.code, error)"
    ).format(path=sys.path, package=read_settings.__module__.rpartition(".")[0])
    command = [sys.executable, "-c", program]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own script
    assert finished.stdout.startswith("missing_library The role needs the Python package pydantic 2 on the controller.")
