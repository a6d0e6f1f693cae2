# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flag as it is read, and changes as they are sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.flags.api import (
    SEMANTIC_PATCH,
    FeatureFlagApi,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import InvalidResponse
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import (
    AddRule,
    Change,
    Clause,
    EnvironmentTargeting,
    RemoveRule,
    Rule,
    ServeByDefault,
    Serving,
    SwitchTargeting,
    serving_only,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    BETA,
    KIND,
    OFF,
    ON,
    PLACE,
    split_of,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    ScriptedTransport,
    answer,
)

PATH = "/api/v2/flags/shop/cart"
EU: dict[str, Any] = {
    "on": True,
    "archived": False,
    "lastModified": 1_793_000_000_000,
    "version": 7,
    "rules": [
        {
            "_id": "r1",
            "disabled": True,
            "description": "Beta",
            "rollout": {
                "variations": [{"variation": 0, "weight": 10000}, {"variation": 1, "weight": 90000}],
                "contextKind": "user",
            },
            "clauses": [
                {
                    "_id": "c",
                    "contextKind": "user",
                    "attribute": "kind",
                    "op": "in",
                    "values": ["user"],
                    "negate": False,
                },
                {
                    "contextKind": "",
                    "attribute": "segmentMatch",
                    "op": "segmentMatch",
                    "values": ["beta"],
                    "negate": True,
                },
            ],
        },
        {"_id": "r2", "variation": 1, "clauses": []},
    ],
    "fallthrough": {"variation": 1},
    "offVariation": 1,
    "evaluation": {"contextKinds": ["user"]},
}


def document(**environments: Any) -> dict[str, Any]:
    return {
        "key": "cart",
        "variations": [{"_id": ON, "name": "On", "value": True}, {"_id": OFF, "value": False}],
        "archived": False,
        "tags": ["web"],
        "environments": environments,
    }


def api(*steps: Any) -> tuple[FeatureFlagApi, ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    return FeatureFlagApi(Http(transport, Clock().runtime(), 6, 120)), transport


def read(environment: dict[str, Any]) -> EnvironmentTargeting:
    flags, _transport = api(answer(document(eu=environment)))
    return flags.get_flag(PLACE.flag, ["eu"]).environments["eu"]


def test_flag_is_read_with_its_rules() -> None:
    assert read(EU) == EnvironmentTargeting(
        "eu",
        on=True,
        off_variation_id=OFF,
        default=serving_only(OFF),
        rules=(
            Rule(
                "r1",
                (KIND, Clause("segmentMatch", "segmentMatch", ("beta",), negate=True)),
                split_of(10_000, context_kind="user"),
                enabled=False,
                description="Beta",
            ),
            Rule("r2", (), serving_only(OFF)),
        ),
        version=7,
        changed_at=1_793_000_000_000,
        context_kinds=("user",),
    )


def test_flag_is_read_where_nothing_but_on_is_known() -> None:
    assert read({"on": False}) == EnvironmentTargeting("eu", on=False)


@pytest.mark.parametrize(
    ("fallthrough", "expected"),
    [
        ({"rollout": {"variations": [{"variation": 0, "weight": 100000}], "experimentAllocation": {}}}, None),
        ({"rollout": {"variations": [{"variation": 0, "weight": 100000}, {"variation": 1, "weight": 0}]}}, ON),
        # a guarded rollout writes the original twice, measured and not
        (
            {
                "rollout": {
                    "variations": [
                        {"variation": 1, "weight": 50000},
                        {"variation": 1, "weight": 50000, "_untracked": True},
                    ]
                }
            },
            OFF,
        ),
        ({"variation": 5}, "variation 5"),
        ({"variation": -1}, "variation -1"),
    ],
)
def test_variation_that_everybody_gets(fallthrough: Any, expected: str | None) -> None:
    found = read({"on": True, "fallthrough": fallthrough}).default
    assert isinstance(found, Serving)
    assert found.only == expected


@pytest.mark.parametrize(
    ("environments", "options", "query"),
    [
        ([], {}, ""),
        (["eu"], {}, "?env=eu"),
        (["eu", "us"], {}, "?env=eu&env=us"),
        (["eu"], {"with_context_kinds": True}, "?env=eu&expand=evaluation"),
    ],
)
def test_flag_is_read_for_environments(environments: list[str], options: Any, query: str) -> None:
    flags, transport = api(answer(document()))
    flags.get_flag(PLACE.flag, environments, **options)
    assert transport.sent[0].path == PATH + query


@pytest.mark.parametrize(
    ("change", "instruction"),
    [
        (SwitchTargeting(True), {"kind": "turnFlagOn"}),
        (SwitchTargeting(False), {"kind": "turnFlagOff"}),
        (RemoveRule("r1"), {"kind": "removeRule", "ruleId": "r1"}),
        (
            ServeByDefault(serving_only(ON)),
            {"kind": "updateFallthroughVariationOrRollout", "variationId": ON},
        ),
        (
            ServeByDefault(split_of(12_500, context_kind="device")),
            {
                "kind": "updateFallthroughVariationOrRollout",
                "rolloutWeights": {ON: 12_500, OFF: 87_500},
                "rolloutContextKind": "device",
            },
        ),
        (
            AddRule((BETA,), ON, "Beta [mark]", "r1"),
            {
                "kind": "addRule",
                "clauses": [{"attribute": "segmentMatch", "op": "segmentMatch", "values": ["beta"], "negate": False}],
                "variationId": ON,
                "description": "Beta [mark]",
                "beforeRuleId": "r1",
            },
        ),
    ],
)
def test_change_as_an_instruction(change: Change, instruction: dict[str, Any]) -> None:
    flags, transport = api(answer(document(eu=EU)))
    found = flags.change(PLACE, [change], "change it", comment="4711")
    assert found.environments["eu"].version == 7
    sent = transport.sent[0]
    assert (sent.method, sent.path, sent.content_type) == ("PATCH", PATH, SEMANTIC_PATCH)
    assert sent.body == {"environmentKey": "eu", "instructions": [instruction], "comment": "4711"}


def test_changes_go_in_one_request_past_conflicts() -> None:
    flags, transport = api(answer(document(eu=EU)))
    changes = [RemoveRule("a"), RemoveRule("b"), SwitchTargeting(True)]
    flags.change(PLACE, changes, "change it", comment=None, ignore_conflicts=True)
    assert transport.sent[0].path == f"{PATH}?ignoreConflicts=true"
    assert [item["kind"] for item in transport.sent[0].body["instructions"]] == [
        "removeRule",
        "removeRule",
        "turnFlagOn",
    ]
    assert "comment" not in transport.sent[0].body


@pytest.mark.parametrize(
    "changed",
    [
        {"fallthrough": {"variation": "first"}},
        {"rules": [{"_id": "r", "variation": 0}]},
        {"fallthrough": {"rollout": {"variations": [{"variation": 0}]}}},
    ],
)
def test_flag_of_another_shape_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidResponse):
        read({**EU, **changed})
