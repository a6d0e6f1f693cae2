# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A real release as a state for the simulator, so that a run can be rehearsed on it. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.approval import environments_of
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status, release_from_result
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import rehearsal_environments
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Audience, Phase, Release

Json = dict[str, t.Any]

FAULTS = ("regression", "slow", "rate_limited", "approval_declined")
# How long an immediate rollout takes on the simulator (milliseconds).
IMMEDIATE = 1000
# Whoever reviews in a rehearsal. In a real run this is a person, who takes as long as people do.
REVIEWERS = {
    True: {"verdict": "decline", "comment": "Declined, as the rehearsal was asked to", "after": 1},
    False: {"verdict": "approve", "after": 1, "apply": True, "applyAfter": 1},
}

# A rehearsal lasts seconds. The simulator's clock runs so fast that the phases' own times fit into these.
REHEARSED_SECONDS = 5.0
# Below this, phases would complete before their start was answered, which no real one does.
SLOWEST_SPEED = 1.0


def rehearse(
    release: Mapping[str, t.Any],
    faults: Sequence[str] | str = (),
    plan: Mapping[str, t.Any] | None = None,
    flag: Mapping[str, t.Any] | None = None,
) -> Json:
    """`state` and `faults` for the simulator, its `speed`, and the phases' own time in words.

    `release` is what ld_release_info returns, `plan` what the run will do, all of the release without one. For a release through
    environments, both and `flag` are what release_status has read. Raises SettingsError for a fault that is not known.
    """
    faults = faults.replace(",", " ").split() if isinstance(faults, str) else faults
    unknown = sorted(set(faults) - set(FAULTS))
    if unknown:
        raise SettingsError(f"{', '.join(unknown)} is no fault to rehearse; known are {', '.join(FAULTS)}.")
    current = release_from_result(release)
    plan = plan_steps(release, {}) if plan is None else plan
    own_seconds = plan["own_seconds"]
    if flag is not None:
        project = rehearsal_environments.project(release, flag, plan, regresses="regression" in faults)
        project["reviewer"] = REVIEWERS["approval_declined" in faults]
    else:
        document = _release(current)
        if "regression" in faults:
            _regress(current, document, {step["phase_id"] for step in plan["steps"]})
        project = _project(current, document, faults)
    return {
        "state": {"projects": {current.project_key: project}},
        "faults": [fault for name in faults for fault in _FAULTS[name]],
        "speed": max(SLOWEST_SPEED, own_seconds / REHEARSED_SECONDS),
        "own_time": duration(own_seconds),
    }


_FAULTS: dict[str, list[Json]] = {
    # Parts of the state: see _project.
    "regression": [],
    "approval_declined": [],
    "slow": [{"delay": 1.5, "times": 5}],
    "rate_limited": [
        {
            "status": 429,
            "after": 1,
            "times": 3,
            "headers": {"Retry-After": "1"},
            "body": {"code": "rate_limited", "message": "Rehearsed rate limit"},
        }
    ],
}


def _release(release: Release) -> Json:
    document: Json = {
        "name": release.pipeline_name or _pipeline_key(release),
        "releasePipelineKey": _pipeline_key(release),
        "phases": [_phase(phase) for phase in release.phases],
    }
    if release.version is not None:
        document["_version"] = release.version
    if release.canceled:
        document["_canceledAt"] = _millis(release.canceled_at) or 0
    return document


def _pipeline_key(release: Release) -> str:
    return release.pipeline_key or "rehearsed"


def _project(release: Release, document: Json, faults: Sequence[str]) -> Json:
    key = _pipeline_key(release)
    return {
        "environments": {
            item.environment_key: {}
            for phase in release.phases
            for item in phase.audiences or ()
            if item.environment_key
        },
        "flags": {release.flag_key: {}},
        "reviewer": REVIEWERS["approval_declined" in faults],
        "pipelines": {
            key: {
                "name": release.pipeline_name or key,
                "phases": [
                    {
                        "id": phase.id,
                        "name": phase.name,
                        "audiences": [_pipeline_audience(item) for item in phase.audiences or ()],
                    }
                    for phase in release.phases
                ],
            }
        },
        "releases": {release.flag_key: document},
    }


def _regress(release: Release, document: Json, in_range: set[str]) -> None:
    """Let the last guarded phase of the run meet a regression halfway, or its last phase where none is guarded."""
    reached = [phase for phase in release.phases if phase.id in in_range]
    guarded = [phase for phase in reached if phase.window_seconds and not phase.is_completed]
    chosen = (guarded or reached)[-1]
    document["phases"][chosen.index]["_regressesAfter"] = int(chosen.window_seconds * 500) or 500


def _phase(phase: Phase) -> Json:
    document = {
        "_id": phase.id,
        "_name": phase.name,
        "status": phase.status_raw or phase.status.value.replace("_", "-"),
        "started": phase.started,
        "complete": phase.complete,
        "_creationDate": _millis(phase.created_at) or 0,
        "_startedDate": _millis(phase.started_at),
        "_completionDate": _millis(phase.completed_at),
        "_audiences": [_audience(item, index) for index, item in enumerate(phase.audiences or ())],
        **_what_comes(phase),
    }
    return {name: value for name, value in document.items() if value is not None}


def _what_comes(phase: Phase) -> Json:
    """What an active phase is at: nothing in a release says whether its approval was given, so a rehearsal asks for it again."""
    if phase.status is not Status.ACTIVE or phase.is_completed:
        return {}
    asked = environments_of(phase)
    if asked:
        return {"_awaits": dict.fromkeys(asked)}
    return {"_completesAt": (_millis(phase.started_at) or 0) + (round(phase.window_seconds * 1000) or IMMEDIATE)}


def _audience(audience: Audience, index: int) -> Json:
    document: Json = {
        # A release that is not there yet has audiences without ids.
        "_id": audience.id or f"rehearsed-{index}",
        "_links": {},
        "name": audience.name or f"audience {index + 1}",
        "configuration": _configuration(audience),
        "status": audience.status_raw or "ready-to-start",
    }
    if audience.environment_key:
        key = audience.environment_key
        document["environment"] = {"_links": {}, "key": key, "name": key, "color": "417505"}
    if audience.segment_keys:
        document["segmentKeys"] = list(audience.segment_keys)
    return document


def _pipeline_audience(audience: Audience) -> Json:
    document: Json = {"name": audience.name or "audience", "configuration": _configuration(audience)}
    if audience.environment_key:
        document["environmentKey"] = audience.environment_key
    return document


def _configuration(audience: Audience) -> Json:
    document: Json = {
        "releaseStrategy": audience.strategy or "",
        "requireApproval": bool(audience.require_approval),
    }
    guardian = audience.release_guardian_configuration
    if guardian:
        document["releaseGuardianConfiguration"] = {
            "monitoringWindowMilliseconds": guardian.monitoring_window_milliseconds or 0,
            "rolloutWeight": guardian.rollout_weight or 0,
            "rollbackOnRegression": bool(guardian.rollback_on_regression),
            "randomizationUnit": guardian.randomization_unit or "user",
        }
    return document


def _millis(iso: str | None) -> int | None:
    if iso is None:
        return None
    return round(moment(iso).timestamp() * 1000)
