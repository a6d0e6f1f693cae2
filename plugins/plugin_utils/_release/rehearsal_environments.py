# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A flag as it was read, as state for the simulator: for the rehearsal of a release through environments. Pure.

What cannot be copied is refused, since a rehearsal of something else would say nothing about the real run.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Json = dict[str, t.Any]
Data = t.Mapping[str, t.Any]

SEGMENT_MATCH = "segmentMatch"
# Words of the API for the statuses of the collection's models.
_WORDS = {"active": "in_progress", "paused": "waiting", "completed": "completed", "reverted": "reverted"}


def project(release: Data, flag: Data, plan: Data, *, regresses: bool) -> Json:
    """`release` and `flag` as they were read, `plan` of the run; `regresses`: let the last guarded release meet a regression."""
    strategies = {item["strategy"] for phase in release["phases"] for item in phase["audiences"]}
    if "plan" in strategies:
        raise SettingsError(
            "A release plan cannot be rehearsed: its steps are LaunchDarkly's. Give the steps in release_environments."
        )
    document = {
        "variations": [
            _without_null(_id=item["id"], name=item["name"], value=item["value"]) for item in flag["variations"]
        ],
        "tags": flag["tags"],
        "environments": {key: _targeting(flag, item) for key, item in flag["environments"].items()},
    }
    if regresses:
        key, script = _regression(plan)
        document["environments"][key]["releaseScript"] = script
    return {
        "environments": {key: _environment(release, item) for key, item in flag["environments"].items()},
        "flags": {flag["key"]: document},
        "environmentReleases": [
            _release(flag["key"], key, item)
            for key, environment in flag["environments"].items()
            for item in reversed(environment["releases"])
        ],
        "audit": [_undo(release, phase) for phase in release["phases"] if phase["undo_mark"]],
    }


def _without_null(**fields: t.Any) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _targeting(flag: Data, environment: Data) -> Json:
    ids = [item["id"] for item in flag["variations"]]
    key = environment["key"]
    if environment["off_variation_id"] not in ids:
        raise SettingsError(f"{key} cannot be rehearsed: it has no off variation that can be read.")
    return _without_null(
        on=environment["on"],
        offVariation=ids.index(environment["off_variation_id"]),
        fallthrough=_serves(ids, environment["default"], f"the default rule of {key}"),
        rules=[_rule(ids, rule, key) for rule in environment["rules"]],
        version=environment["version"],
        lastModified=environment["changed_at"],
        contextKinds=environment["context_kinds"],
    )


def _serves(ids: Sequence[str], serving: Data | None, what: str) -> Json:
    weights = serving["weights"] if serving else []
    if not weights or any(variation_id not in ids for variation_id, _weight in weights):
        raise SettingsError(
            f"{what[0].upper()}{what[1:]} cannot be rehearsed: it serves something that cannot be read."
        )
    parts = [{"variation": ids.index(variation_id), "weight": weight} for variation_id, weight in weights]
    serving = serving or {}
    if len(parts) == 1 and not serving["is_experiment"]:
        return {"variation": parts[0]["variation"]}
    experiment = {"defaultVariation": parts[0]["variation"], "type": "experiment"} if serving["is_experiment"] else None
    rollout = _without_null(
        variations=parts,
        contextKind=serving["context_kind"],
        bucketBy=serving["bucket_by"],
        experimentAllocation=experiment,
    )
    return {"rollout": rollout}


def _rule(ids: Sequence[str], rule: Data, key: str) -> Json:
    what = f"the rule '{rule['description'] or rule['id']}' of {key}"
    clauses = [
        _without_null(
            attribute=clause["attribute"],
            op=clause["op"],
            values=clause["values"],
            negate=clause["negate"],
            contextKind=clause["context_kind"],
        )
        for clause in rule["clauses"]
    ]
    fields = _without_null(description=rule["description"], disabled=not rule["enabled"])
    return {"_id": rule["id"], "clauses": clauses, **fields, **_serves(ids, rule["serves"], what)}


def _environment(release: Data, environment: Data) -> Json:
    settings = environment["approval_settings"]
    segments = [*_wanted_segments(release, environment["key"]), *_named_segments(environment["rules"])]
    return {
        "approvalSettings": {"required": settings["required"], "requiredApprovalTags": settings["tags"]},
        "segments": {key: {} for key in segments},
    }


def _wanted_segments(release: Data, key: str) -> Iterable[str]:
    """Those of the entries, which were found before."""
    audiences = [item for phase in release["phases"] for item in phase["audiences"] if item["environment_key"] == key]
    return [segment for item in audiences for segment in item["segment_keys"] or ()]


def _named_segments(rules: Iterable[Data]) -> Iterable[str]:
    clauses = [clause for rule in rules for clause in rule["clauses"] if clause["op"] == SEGMENT_MATCH]
    return [str(value) for clause in clauses for value in clause["values"]]


def _release(flag_key: str, environment_key: str, release: Data) -> Json:
    if release["status"] not in _WORDS:
        raise SettingsError(
            f"A release in {environment_key} cannot be rehearsed: its status '{release['status_raw']}' is not known."
        )
    return _without_null(
        id=release["id"],
        flagKey=flag_key,
        environmentKey=environment_key,
        status=_WORDS[release["status"]],
        statusReason=release["reason"],
        originalVariationId=release["original_variation_id"],
        targetVariationId=release["target_variation_id"],
        randomizationUnit=release["randomization_unit"],
        cleanupBehavior=release["cleanup"],
        metrics=[{"metricKey": item["key"], "autoRollback": item["auto_rollback"]} for item in release["metrics"]],
        currentPhaseIndex=release["current_phase"],
        createdAt=release["created_at"],
        startedAt=release["started_at"],
        endedAt=release["ended_at"],
        phases=[_phase(phase) for phase in release["phases"]],
    )


def _phase(phase: Data) -> Json:
    # LaunchDarkly's word for a phase that has yet to begin is the same as for one that is about to.
    is_pending = phase["status"] == "active" and phase["current_step"] is None
    return _without_null(
        phaseIndex=phase["index"],
        ruleId=phase["rule_id"],
        description=phase["description"],
        status="pending" if is_pending else _WORDS.get(phase["status"], phase["status"]),
        currentStepIndex=phase["current_step"],
        metricStatuses=dict(phase["metric_statuses"]),
        steps=[
            _without_null(
                stepIndex=index,
                allocation=step["allocation"],
                durationMillis=step["duration"],
                startedAt=step["started_at"],
                endedAt=step["ended_at"],
            )
            for index, step in enumerate(phase["steps"])
        ],
    )


def _undo(release: Data, phase: Data) -> Json:
    """What the audit log says of an undo, so that the rehearsal remembers it too."""
    return {
        "date": 1,
        "action": "updateOn",
        "flagKey": release["flag_key"],
        "environmentKey": phase["audiences"][0]["environment_key"],
        "comment": phase["undo_mark"],
        "by": "token",
    }


def _regression(plan: Data) -> tuple[str, Json]:
    """Half-way through the last guarded release that the run starts."""
    guarded = [step for step in plan["steps"] if step["would"] == "start" and step["options"].get("metrics")]
    if not guarded:
        raise SettingsError("The fault regression needs a guarded release that is yet to be started.")
    last = guarded[-1]
    script = {"regressAfter": last["window"] / 2, "metricKey": last["options"]["metrics"][0]["key"]}
    return str(last["options"]["environment_key"]), script
