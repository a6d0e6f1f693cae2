# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""release_environments: the entries, their options, and what goes together with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_environments import (
    EnvironmentSettings,
)

STEPS = [{"percent": 10, "duration": "1h"}, {"percent": "50 %", "duration": 7200}]
GUARDED = {"environment": "production", "strategy": "guarded", "steps": STEPS, "metrics": [{"key": "errors"}]}


def read(given: Any, **settings: Any) -> tuple[EnvironmentSettings, ...]:
    return read_settings({"environments": given, **settings}).environments


@pytest.mark.parametrize(
    "given",
    [
        ["dev", "staging"],
        "dev, staging",
        "dev\nstaging\n",
        "- dev\n- staging",
        '["dev", "staging"]',
        [{"environment": "dev"}, '{"environment": "staging", "name": null}'],
        json.dumps([{"environment": "dev"}, {"environment": "staging"}]),
    ],
)
def test_environments_are_keys_or_dictionaries(given: Any) -> None:
    assert read(given) == (
        EnvironmentSettings("dev", "dev", "dev", "immediate", {"environment_key": "dev"}),
        EnvironmentSettings("staging", "staging", "staging", "immediate", {"environment_key": "staging"}),
    )


def test_environments_may_be_numbers() -> None:
    assert [item.id for item in read([1, {"environment": 2}])] == ["1", "2"]


def test_environments_may_be_absent() -> None:
    assert read([]) == read("") == read(None) == ()


def test_environment_entry_has_the_options_that_were_given() -> None:
    (entry,) = read(
        [{**GUARDED, "name": "Everyone", "segments": "beta, staff", "wait_timeout": "2d", "request_approval": "no"}]
    )
    assert (entry.id, entry.name, entry.environment) == ("production/Everyone", "Everyone", "production")
    assert (entry.strategy, entry.window, entry.wait_timeout) == ("guarded", 10800.0, 172800.0)
    assert entry.options == {
        "environment_key": "production",
        "strategy": "guarded",
        "steps": [{"percent": 10.0, "duration": 3600.0}, {"percent": 50.0, "duration": 7200.0}],
        "metrics": [{"key": "errors", "auto_rollback": False}],
        "segments": ["beta", "staff"],
        "request_approval": False,
    }


def test_environment_entry_in_text_is_the_same() -> None:
    entry = {
        **GUARDED,
        "steps": json.dumps(STEPS),
        "metrics": "[{key: errors, auto_rollback: 'yes'}]",
        "bypass_health_checks": "flag_evaluations_any",
    }
    (read_entry,) = read(json.dumps([entry]))
    assert read_entry.options["metrics"] == [{"key": "errors", "auto_rollback": True}]
    assert read_entry.options["bypass_health_checks"] == ["flag_evaluations_any"]
    assert read_entry.window == 10800.0


def test_environment_variation_has_a_default() -> None:
    first, second = read(["dev", {"environment": "staging", "variation": "Blue"}], variation=True)
    assert (first.options["variation"], second.options["variation"]) == ("true", "Blue")
    assert "variation" not in read(["dev"])[0].options


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"environment": "dev"}, "release_environments must be a list."),
        ([5.0, None], "release_environments[1] must be a dictionary."),
        ([{}], "release_environments[0] needs environment."),
        (
            [{"environment": "dev", "stratgy": "x"}],
            "release_environments[0] has an unknown key stratgy. Did you mean strategy?",
        ),
        (
            [{"environment": "dev", "strategy": "slow"}],
            "release_environments[0].strategy must be immediate, percentage,",
        ),
        ([{"environment": "dev", "steps": [{"percent": 5}]}], "release_environments[0].steps[0] needs duration."),
        (
            [{"environment": "dev", "steps": [{"percent": 0, "duration": 5}]}],
            "release_environments[0].steps[0].percent must be a number",
        ),
        (
            [{"environment": "dev", "steps": [{"percent": True, "duration": 5}]}],
            "release_environments[0].steps[0].percent must be",
        ),
        (
            [{"environment": "dev", "steps": [{"percent": 5, "duration": 0}]}],
            "release_environments[0].steps[0].duration must be greater",
        ),
        (
            [{"environment": "dev", "bypass_health_checks": ["all"]}],
            "release_environments[0].bypass_health_checks must be flag_",
        ),
        ([{**GUARDED, "metrics": []}], "release_environments[0]: strategy guarded needs metrics."),
        (["dev", {**GUARDED, "metrics": []}], "release_environments[1]: strategy guarded needs metrics."),
        ([{**GUARDED, "steps": [{"percent": 60, "duration": 5}]}], "release_environments[0]: steps: percent is 60"),
        ([{**GUARDED, "strategy": "immediate"}], "release_environments[0]: steps does not go with strategy immediate"),
        (
            [{**GUARDED, "request_approval": True}],
            "release_environments[0]: request_approval does not go with strategy guarded",
        ),
        (["dev", "dev"], "release_environments[1] and [0] have the same name: give one of them another `name`."),
        ([{"environment": "a", "name": "b"}, "b"], "release_environments[1] and [0] have the same name"),
        (["dev", {"environment": "a", "name": "dev"}], "release_environments[1] and [0] have the same name"),
        (
            ["a", {"environment": "x", "name": "a/b"}, {"environment": "a", "name": "b"}],
            "release_environments[2] and [1] have",
        ),
        ([".."], "release_environments[0]: environment_key is '..', which is not a key."),
    ],
)
def test_environments_that_cannot_be_used_are_refused(given: Any, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(given)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"pipeline_key": "standard"},
            "release_pipeline_key does not go with release_environments: remove one of the two.",
        ),
        ({"final_status": "active"}, "release_final_status: active does not go with release_environments"),
        (
            {"phases": [{"phase": "dev", "audiences": []}]},
            "release_phases[0].audiences does not go with release_environments",
        ),
        (
            {"environments": None, "on_failure": "roll_back"},
            "release_on_failure: roll_back needs release_environments.",
        ),
        (
            {"environments": None, "on_failure": "restore"},
            "release_on_failure: restore needs release_environments.",
        ),
        ({"environments": None, "retry": "dev"}, "release_retry needs release_environments."),
    ],
)
def test_environments_and_pipelines_are_two_ways(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"environments": ["dev"], **settings})
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    "settings",
    [
        {
            "environments": ["dev"],
            "final_status": "completed",
            "pipeline_key": "",
            "retry": "dev",
            "on_failure": "roll_back",
        },
        {
            "environments": "",
            "pipeline_key": "standard",
            "final_status": "active",
            "retry": "",
            "on_failure": "turn_off",
        },
    ],
)
def test_environments_survive_what_surveys_send(settings: dict[str, Any]) -> None:
    assert read_settings(settings)
