# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a release pipeline to release_environments: what is carried over, and what becomes a note."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.filter.environments_from_pipeline import (
    environments_from_pipeline,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.migration import environments_of_pipeline
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings

DAY = 86_400_000


def audience(environment: str | None = "production", name: str = "Everyone", **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "environment_key": environment,
        "strategy": "immediate-rollout",
        "require_approval": False,
        "segment_keys": None,
        "notify_member_ids": None,
        "notify_team_keys": None,
        "release_guardian_configuration": None,
        **fields,
    }


def guarded(weight: Any = 10_000, window: Any = DAY, rollback: Any = None, **fields: Any) -> dict[str, Any]:
    configuration = {
        "monitoring_window_milliseconds": window,
        "rollout_weight": weight,
        "rollback_on_regression": rollback,
        "randomization_unit": fields.pop("unit", None),
    }
    strategy = fields.pop("strategy", "monitored-release")
    return audience(strategy=strategy, release_guardian_configuration=configuration, **fields)


def pipeline(*phases: tuple[str, list[dict[str, Any]]], **fields: Any) -> dict[str, Any]:
    return {
        "key": "standard",
        "name": "Standard",
        "is_legacy": False,
        "phases": [{"id": name, "name": name, "audiences": audiences} for name, audiences in phases],
        **fields,
    }


def migrate(*phases: tuple[str, list[dict[str, Any]]], **fields: Any) -> dict[str, Any]:
    """The result; its YAML holds the same, and LaunchDarkly's words stay what they are."""
    given = pipeline(*phases, **fields)
    kept = copy.deepcopy(given)
    result = environments_of_pipeline(given)
    assert given == kept
    assert yaml.safe_load(result["yaml"]) == {"release_environments": result["release_environments"]}
    return result


def one(given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    result = migrate(("Production", [given]))
    (entry,) = result["release_environments"]
    return entry, result["notes"]


def refusal(entries: list[dict[str, Any]]) -> str:
    """What the role says of the entries; empty if it takes them."""
    try:
        read_settings({"environments": entries})
    except SettingsError as error:
        return str(error)
    return ""


NAMED = {"environment": "production", "name": "Production"}


@pytest.mark.parametrize(
    ("given", "options", "noted", "refused"),
    [
        (audience(), {}, [], ""),
        (audience(segment_keys=[]), {}, [], ""),
        (audience(segment_keys=["beta", "staff"]), {"segments": ["beta", "staff"]}, [], ""),
        (audience(strategy=""), {}, ["no strategy is configured"], ""),
        (audience(strategy=None), {}, ["no strategy is configured"], ""),
        (
            audience(require_approval=True),
            {"request_approval": True},
            ["requested only if the environment requires approvals"],
            "",
        ),
        (
            audience(require_approval=True, notify_member_ids=["m1"], notify_team_keys=["qa"], segment_keys=["beta"]),
            {
                "segments": ["beta"],
                "request_approval": True,
                "notify_member_ids": ["m1"],
                "notify_team_keys": ["qa"],
            },
            ["requested only if"],
            "",
        ),
        (
            guarded(),
            {"strategy": "guarded", "steps": [{"percent": 10, "duration": "1d"}], "metrics": []},
            ["fill in metrics"],
            "needs metrics",
        ),
        (
            guarded(12_345, 5_400_000, unit="account", strategy="monitoredRelease", segment_keys=["beta"]),
            {
                "segments": ["beta"],
                "strategy": "guarded",
                "steps": [{"percent": 12.345, "duration": "90m"}],
                "randomization_unit": "account",
                "metrics": [],
            },
            ["fill in metrics"],
            "needs metrics",
        ),
        (
            guarded(unit="user", require_approval=True),
            {"strategy": "guarded", "steps": [{"percent": 10, "duration": "1d"}], "metrics": []},
            ["fill in metrics", "approval is not carried over"],
            "needs metrics",
        ),
        (
            audience(strategy="canary", require_approval=True),
            {"strategy": "unknown: canary"},
            ["does not know its strategy", "approval is not carried over"],
            "strategy must be",
        ),
        # One of our words that LaunchDarkly uses for something is not taken for ours.
        (audience(strategy="percentage"), {"strategy": "unknown: percentage"}, ["does not know"], "strategy must be"),
    ],
)
def test_migration_of_an_audience(
    given: dict[str, Any], options: dict[str, Any], noted: list[str], refused: str
) -> None:
    entry, notes = one(given)
    assert entry == {**NAMED, **options}
    assert len(notes) == len(noted)
    assert all(line.startswith("Production: ") and word in line for line, word in zip(notes, noted))
    assert refused in refusal([entry])
    assert bool(refusal([entry])) is bool(refused)


@pytest.mark.parametrize(
    ("weight", "window", "step", "noted"),
    [
        (50_000, 3_600_000, {"percent": 50, "duration": "1h"}, ""),
        (100_000, 60_000, {"percent": 50, "duration": "1m"}, "share is 100 %"),
        (50, 1_000, {"percent": 0.05, "duration": "1s"}, "If 50 % is meant"),
        (1_500, 1_500, {"percent": 1.5, "duration": "1.5s"}, ""),
        (1, 1, {"percent": 0.001, "duration": "0.001s"}, "If 1 % is meant"),
    ],
)
def test_migration_of_share_and_window(weight: int, window: int, step: dict[str, Any], noted: str) -> None:
    entry, notes = one(guarded(weight, window))
    assert entry["steps"] == [step]
    assert [noted in line for line in notes] == ([True, False] if noted else [True])
    # With metrics, the role takes the rest as it is.
    assert refusal([{**entry, "metrics": [{"key": "errors"}]}]) == ""


@pytest.mark.parametrize(
    ("weight", "window"), [(None, DAY), (0, DAY), (-1, DAY), (10**400, DAY), (1000, None), (1000, 0), (1000, 10**400)]
)
def test_migration_without_a_usable_share_or_window(weight: Any, window: Any) -> None:
    entry, notes = one(guarded(weight, window))
    assert (entry["steps"], "fill in steps" in notes[0]) == ([], True)
    assert "needs steps" in refusal([{**entry, "metrics": [{"key": "errors"}]}])


def test_migration_of_a_guarded_audience_without_configuration() -> None:
    entry, _notes = one(audience(strategy="monitored-release"))
    assert entry == {**NAMED, "strategy": "guarded", "steps": [], "metrics": []}


@pytest.mark.parametrize(
    ("rollback", "noted"),
    [(True, "Give each auto_rollback: true"), (False, "Leave auto_rollback out"), (None, "until then.")],
)
def test_migration_notes_what_a_regression_does(rollback: bool | None, noted: str) -> None:
    _entry, (note,) = one(guarded(rollback=rollback))
    assert noted in note
    assert ("auto_rollback" in note) is (rollback is not None)


def test_migration_keeps_order_and_phase_names() -> None:
    result = migrate(
        ("dev", [audience("dev")]),
        ("Staging", [audience("staging")]),
        ("Production", [audience(name="Beta", segment_keys=["beta"]), guarded()]),
    )
    assert [(item["environment"], item.get("name")) for item in result["release_environments"]] == [
        ("dev", None),
        ("staging", "Staging"),
        ("production", "Production (Beta)"),
        ("production", "Production (Everyone)"),
    ]
    assert result["notes"][0].startswith("Production: its 2 audiences are printed as phases of their own")


def test_migration_leaves_out_what_cannot_be_released() -> None:
    result = migrate(("Wait", []), ("Old", [audience(None)]), ("New", [audience()]))
    assert [item["name"] for item in result["release_environments"]] == ["New"]
    assert result["notes"] == [
        "Wait: has no audience, so that LaunchDarkly completes it at once. It is left out.",
        "Old: its environment was deleted. It is left out.",
    ]


def test_migration_of_an_empty_pipeline() -> None:
    assert migrate() == {
        "release_environments": [],
        "notes": [],
        "yaml": "---\n# What release pipeline 'standard' does, as variables of the role flagops.launchdarkly.release.\n"
        "release_environments: []\n",
    }


def test_migration_of_a_legacy_pipeline_says_so() -> None:
    result = migrate(("Test", [audience("test", strategy="")]), is_legacy=True)
    assert result["release_environments"] == [{"environment": "test", "name": "Test"}]
    assert result["notes"][0].startswith("standard: in a legacy pipeline people change the flag")


def test_migration_makes_names_that_the_role_can_tell_apart() -> None:
    same = [audience("production", ""), audience("production", ""), audience("staging", " ")]
    result = migrate(
        ("One, two", same),
        ("production", [audience("production")]),
        ("production", [audience("production")]),
        ("production", [audience("staging")]),
        ("production/production 2", [audience("dev")]),
        (" ", [audience("dev")]),
    )
    names = [item.get("name", item["environment"]) for item in result["release_environments"]]
    assert names == [
        *("One two (1)", "One two (2)", "One two (3)"),
        *("production", "production 2", "production 3"),
        *("production/production 2 2", "Phase without a name"),
    ]
    assert refusal(result["release_environments"]) == ""


@pytest.mark.parametrize("name", ["on", "123", "null", "it's: a # name", "- x", "'", '"', "Größe 🎉", "a" * 300])
def test_migration_writes_any_name(name: str) -> None:
    (entry,) = migrate((name, [audience()]))["release_environments"]
    assert entry["name"] == name


def test_migration_writes_no_template_and_no_control_character() -> None:
    """The file is read by Ansible, which runs templates, and shown on terminals."""
    bad = "{{ lookup('pipe', 'id') }}\x1b[2J\nrelease_x: 1"
    result = migrate(
        (bad, [audience("{% x", strategy=bad, segment_keys=["{{ x }}"]), audience(None, bad)]),
        key=bad,
    )
    assert not [mark for mark in ("{{", "{%", "{#", "\x1b") if mark in repr(result) + result["yaml"]]
    assert result["yaml"].count("\nrelease_") == 1


def test_migration_writes_the_notes_above_their_entry() -> None:
    result = migrate(("Staging", [audience("staging")]), ("Production", [guarded(rollback=True)]))
    assert result["yaml"] == (
        "---\n"
        "# What release pipeline 'standard' does, as variables of the role flagops.launchdarkly.release.\n"
        "release_environments:\n"
        "  - environment: staging\n"
        "    name: Staging\n"
        "  # Production: fill in metrics. LaunchDarkly documents no call that reads those of a pipeline, and\n"
        "  #   the role refuses the entry until then. Give each auto_rollback: true, since the pipeline rolls\n"
        "  #   back on a regression.\n"
        "  - environment: production\n"
        "    name: Production\n"
        "    strategy: guarded\n"
        "    steps:\n"
        "      - percent: 10\n"
        "        duration: 1d\n"
        "    metrics: []\n"
    )


@pytest.mark.parametrize("given", [{}, [pipeline()], "standard", {"key": "x", "phases": [{"name": "Test"}]}, 5])
def test_migration_filter_refuses_other_input(given: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a release pipeline as ld_release_pipeline_info returns it"):
        environments_from_pipeline(given)


def test_migration_filter_without_a_pipeline() -> None:
    with pytest.raises(AnsibleFilterError, match=r"there is no release pipeline\. Look at pipelines"):
        environments_from_pipeline(None)
