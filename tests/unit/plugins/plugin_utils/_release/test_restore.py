# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run keeps to restore environments, and what a report has of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import restore
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

FLAG = {"project_key": "shop", "flag_key": "cart"}
OFF: dict[str, Any] = {"on": False, "default": None, "rules": {}}
ON: dict[str, Any] = {"on": True, "default": None, "rules": {}}
STEP = {"environments": ["dev"]}


def phase(key: str, status: str = "ready_to_start", name: str | None = None) -> dict[str, Any]:
    audiences = [{"environment_key": key}]
    return {"id": name or key, "status": status, "audiences": audiences, "found": OFF, "target_id": "on"}


def begun(*phases: dict[str, Any]) -> dict[str, Any]:
    in_range = [{"phase_id": item["id"]} for item in phases]
    return restore.found({"phases": in_range, "restore": []}, {"phases": list(phases)})


def entry(key: str = "dev", **changes: Any) -> dict[str, Any]:
    return {
        "environment_key": key,
        "variation_id": "on",
        "served_before": False,
        "changed": True,
        "found": OFF,
        "left": ON,
        **changes,
    }


def report(*entries: dict[str, Any]) -> dict[str, Any]:
    return {**FLAG, "restore": list(entries)}


def test_restore_begins_with_what_was_found_in_each_environment() -> None:
    record = begun(phase("dev"), phase("dev", "completed", "dev/staff"), phase("eu"))
    assert record["restore"] == [
        entry("dev", served_before=True, changed=False, left=None),
        entry("eu", changed=False, left=None),
    ]


def test_restore_knows_nothing_of_a_release_pipeline() -> None:
    record = begun({"id": "1", "status": "active", "audiences": None})
    assert record["restore"] == []


@pytest.mark.parametrize(
    ("results", "changed", "left"),
    [
        ([], None, None),
        ([{"changed": True, "left": ON}], True, ON),
        ([{"changed": False, "left": OFF}], False, OFF),
        ([{"changed": True, "left": ON}, {"changed": False, "left": ON}], True, ON),
        # The answer was lost, and the last look was before the change.
        ([{"changed": True, "left": OFF, "failed": True}], True, None),
        ([{"failed": True}], None, None),
    ],
)
def test_restore_keeps_what_the_run_left(results: list[dict[str, Any]], changed: bool | None, left: Any) -> None:
    record = restore.attempted(begun(phase("dev"), phase("eu")), STEP)
    for result in results:
        record = restore.left(record, STEP, result)
    assert record["restore"] == [entry("dev", changed=changed, left=left), entry("eu", changed=False, left=None)]
    assert restore.is_changed(record, "dev") is (changed is not False)
    assert not restore.is_changed(record, "eu")


def test_restore_is_not_for_what_was_released_before() -> None:
    record = {"restore": [entry("dev"), entry("eu", served_before=True), entry("us", changed=False)]}
    assert [restore.entry_of(record, key) is not None for key in ("dev", "eu", "us", "nowhere")] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(("only", "keys"), [([], ["eu", "dev"]), (["dev"], ["dev"])])
def test_report_names_the_last_environment_first(wrapped: bool, only: list[str], keys: list[str]) -> None:
    document = report(entry("dev"), entry("eu"))
    given = {"shop/cart": document} if wrapped else document
    assert [item["environment_key"] for item in restore.read_report(given, FLAG, only)] == keys


@pytest.mark.parametrize(
    ("document", "only", "said"),
    [
        ([], [], "The report is not one of shop/cart. Nothing was done."),
        ({"shop/cart": None}, [], "The report is not one of shop/cart."),
        ({**report(entry()), "flag_key": "other"}, [], "The report is not one of shop/cart."),
        (FLAG, [], "it has no environment to restore: that run went through a release pipeline, or changed nothing."),
        (report(entry()), ["us"], "us is not in it"),
        (
            report(entry(), entry("eu", served_before=True)),
            [],
            "eu served the variation before that run; name the others",
        ),
    ],
)
def test_report_that_cannot_be_restored_from_is_refused(document: Any, only: list[str], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        restore.read_report(document, FLAG, only)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"changed": True}, "dev was restored to what that run found."),
        ({"changed": False}, "dev was already as that run found it."),
        ({"failed": True, "msg": "No."}, "dev could NOT be restored: No."),
    ],
)
def test_restore_by_hand_says_what_became_of_it(result: dict[str, Any], said: str) -> None:
    assert restore.outcome(entry(), result) == said
