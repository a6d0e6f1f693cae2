# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON schema of the role's settings accepts what the role accepts, and refuses what a schema can refuse."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings
from ansible_collections.flagops.launchdarkly.tests.tools import settings_schema

SCHEMA = json.loads(settings_schema.FILE.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

HTTP = {"url": "https://example.com"}
PROMETHEUS = {"url": "https://example.com", "query": "up", "condition": "value > 0"}
WEEKLY = {"days": "fri", "timezone": "UTC"}
DATED = {"from": "2026-12-20", "to": "2026-12-21", "timezone": "UTC"}


def phase(**keys: Any) -> dict[str, Any]:
    return {"phases": [{"phase": "Test", **keys}]}


def check(**keys: Any) -> dict[str, Any]:
    return {"checks": [keys]}


def window(**keys: Any) -> dict[str, Any]:
    return {"freeze": [keys]}


def audience(**keys: Any) -> dict[str, Any]:
    return phase(audiences=[{"audience": "production", **keys}])


def environment(**keys: Any) -> dict[str, Any]:
    return {"environments": [{"environment": "staging", **keys}]}


def step(**keys: Any) -> dict[str, Any]:
    return environment(strategy="percentage", steps=[{"percent": 10, "duration": "1h", **keys}])


def metric(**keys: Any) -> dict[str, Any]:
    steps = [{"percent": 10, "duration": "1h"}]
    return environment(strategy="guarded", steps=steps, metrics=[{"key": "errors", **keys}])


# Where a value can stand.
PLACES: dict[str, Any] = {
    "phases": lambda value: {"phases": value},
    "phases[]": lambda value: {"phases": [value]},
    "phase": lambda value: {"phases": [{"phase": value}]},
    **{
        f"phase.{key}": lambda value, key=key: phase(**{key: value})
        for key in ("audiences", "before", "checks", "soak", "wait_timeout", "confirm", "unknown")
    },
    "audiences[]": lambda value: phase(audiences=[value]),
    "audience": lambda value: phase(audiences=[{"audience": value}]),
    "audience.members": lambda value: audience(notify_member_ids=value),
    "audience.guardian": lambda value: audience(release_guardian_configuration=value),
    **{
        f"guardian.{key}": lambda value, key=key: audience(release_guardian_configuration={key: value})
        for key in ("monitoring_window_milliseconds", "rollback_on_regression", "randomization_unit", "unknown")
    },
    "checks": lambda value: {"checks": value},
    "checks[]": lambda value: {"checks": [value]},
    **{
        f"check.{key}": lambda value, key=key: check(**{key: value})
        for key in ("tasks", "http", "prometheus", "command")
    },
    **{
        f"check.{key}": lambda value, key=key: check(**{"tasks": "a.yml", key: value})
        for key in ("name", "attempts", "interval", "failure_limit", "consecutive_success", "during", "unknown")
    },
    **{
        f"http.{key}": lambda value, key=key: check(http={**HTTP, key: value})
        for key in ("url", "status", "condition", "method", "headers", "validate_certs", "timeout", "unknown")
    },
    **{f"prometheus.{key}": lambda value, key=key: check(prometheus={**PROMETHEUS, key: value}) for key in PROMETHEUS},
    **{
        f"command.{key}": lambda value, key=key: check(command={"cmd": "ls", key: value})
        for key in ("cmd", "argv", "chdir", "rc")
    },
    "command.only_argv": lambda value: check(command={"argv": value}),
    "environments": lambda value: {"environments": value},
    "environments[]": lambda value: {"environments": [value]},
    "environment": lambda value: {"environments": [{"environment": value}]},
    **{
        f"environment.{key}": lambda value, key=key: environment(**{key: value})
        for key in ("name", "variation", "segments", "health_check_timeout", "on_regression", "comment", "wait_timeout")
    },
    **{
        f"environment.{key}": lambda value, key=key: environment(**{key: value})
        for key in ("request_approval", "bypass_health_checks", "before_rule_id", "randomization_unit", "unknown")
    },
    "steps[]": lambda value: environment(strategy="percentage", steps=[value]),
    **{f"step.{key}": lambda value, key=key: step(**{key: value}) for key in ("percent", "duration", "unknown")},
    **{f"metric.{key}": lambda value, key=key: metric(**{key: value}) for key in ("key", "auto_rollback", "unknown")},
    "freeze": lambda value: {"freeze": value},
    "freeze[]": lambda value: {"freeze": [value]},
    **{
        f"weekly.{key}": lambda value, key=key: window(**{**WEEKLY, key: value})
        for key in ("days", "timezone", "from", "to", "environments", "name", "reason", "unknown")
    },
    **{f"dated.{key}": lambda value, key=key: window(**{**DATED, key: value}) for key in DATED},
}

VALUES: list[Any] = [
    *(None, "", "  ", True, False, 0, 1, 5, 60, 61, 200, 1.5, 2.0, -1, 1050),
    *("a", "a.yml", "a, b", "true", "Yes", "off", "perhaps", "0", "5", "99", "200", "1.5", "-1", "61"),
    *("90s", "15m", "2 h", "1d", "0.5h", "1w", "GET", "soak", "rollout"),
    *("fri", "Friday", "fri-mon", "sat, sun", "fri-mon-tue", "freitag", "someday", "17:30", "25:00", "7:5", "24:00"),
    *("2026-12-20", "2026-12-20 18:00", "2026-12-20T18:00:00Z", "2026-13-40", "20.12.2026", "UTC", "Europe/Berlin"),
    *([], {}, ["a"], ["a", 5], [True], [None], [""], [["a"]], [{}], ["fri"], ["fri-mon", "wed"], [200, "204"], [99]),
    *({"a": "b"}, {"phase": "A"}, {"tasks": "a.yml"}, {"tasks": None, "command": "ls"}, {"audience": "x"}),
    *(
        {"environment": "dev"},
        [{"environment": "dev"}],
        {"percent": 10, "duration": "1h"},
        0.001,
        0,
        100,
        101,
        "10 %",
        ".",
    ),
    *(["flag_evaluations_any"], "flag_evaluations_any, metric_events_any", "roll_back", "wait"),
    *(HTTP, PROMETHEUS, {"cmd": "ls"}, {"argv": ["ls"]}, {"cmd": "ls", "argv": ["ls"]}, WEEKLY, DATED),
    *([{"phase": "A"}], [{"tasks": "a.yml"}], [{"audience": "x"}], [WEEKLY], [DATED, WEEKLY], [HTTP]),
    *(
        '{"a": "b"}',
        "a: b",
        '["a", "b"]',
        "- a\n- b",
        "[half",
        "{half",
        "{{ later }}",
        "[{{ later }}]",
        "- {{ later }}",
    ),
    *(json.dumps(item) for item in (HTTP, {"phase": "A"}, [{"phase": "A"}], {"cmd": "ls"}, [WEEKLY], WEEKLY)),
    "https://example.com",
]


def role_accepts(settings: dict[str, Any]) -> bool:
    try:
        read_settings(settings)
    except SettingsError:
        return False
    return True


def schema_accepts(settings: dict[str, Any]) -> bool:
    return bool(VALIDATOR.is_valid({f"release_{name}": value for name, value in settings.items()}))


def is_beyond_a_schema(settings: dict[str, Any], value: Any) -> bool:
    """Can only the role judge this? It can judge a text that is JSON, YAML, a date or a template, and compare two keys."""
    return isinstance(value, str) or "consecutive_success" in str(settings)


def test_schema_is_generated_from_the_model() -> None:
    assert settings_schema.FILE.read_text(encoding="utf-8") == settings_schema.text(), (
        "run tests/tools/settings_schema.py"
    )
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("place", PLACES)
def test_schema_accepts_what_the_role_accepts(place: str) -> None:
    settings = [PLACES[place](value) for value in VALUES]
    assert not [item for item in settings if role_accepts(item) and not schema_accepts(item)]


@pytest.mark.parametrize("place", PLACES)
def test_schema_refuses_what_the_role_refuses(place: str) -> None:
    settings = [(PLACES[place](value), value) for value in VALUES]
    judged = [item for item, value in settings if not is_beyond_a_schema(item, value)]
    assert not [item for item in judged if schema_accepts(item) and not role_accepts(item)]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("phases", "Test"),
        ("phase.soak", "soon"),
        ("phase.soak", "1w"),
        ("phase.confirm", "perhaps"),
        ("check.http", "https://example.com"),
        ("check.attempts", "many"),
        ("check.during", "night"),
        ("http.status", "OK"),
        ("http.method", "GET /"),
        ("step.percent", "half"),
        ("step.duration", "soon"),
        ("environment.on_regression", "cry"),
        ("weekly.days", "someday"),
        ("weekly.from", "noon"),
        ("dated.from", "soon"),
    ],
)
def test_schema_refuses_texts_that_mean_nothing(place: str, text: str) -> None:
    settings = PLACES[place](text)
    assert not role_accepts(settings)
    assert not schema_accepts(settings)


@pytest.mark.parametrize(
    "place", sorted(set(PLACES) - {place for place in PLACES if "unknown" in place} - {"command.argv"})
)
def test_schema_accepts_templates(place: str) -> None:
    """Ansible fills them in before the role sees them."""
    assert schema_accepts(PLACES[place]("{{ mine }}"))
