# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Whether a release through a release pipeline can go on. Pure."""

from __future__ import annotations

import typing as t

from .._core.errors import LaunchDarklyError
from .._model.release import Status, environment_keys
from .preflight_advice import did_you_mean, refused
from .preflight_facts import Finding, FindingStatus, PreflightFacts
from .variations import find_variation

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .._model.pipeline import Pipeline
    from .._model.release import Audience, Phase, Release

_HAS_BETA = "the right to view the flag's release, and ask LaunchDarkly whether the account has release pipelines"
_SETTLED = "Resume or finish it in LaunchDarkly, after you have found the cause."


def beta(facts: PreflightFacts) -> Iterator[Finding]:
    """Are release pipelines, which are behind a beta version of the API, open to this account and this token?"""
    answers = [answer for answer in (facts.release, facts.pipeline) if answer is not None]
    failed = [answer.error for answer in answers if answer.error is not None]
    if failed:
        yield refused("beta", failed[0], "read releases of release pipelines", _HAS_BETA)
    elif answers:
        yield Finding("beta", FindingStatus.OK, "Release pipelines can be read.")


def release(facts: PreflightFacts) -> Iterator[Finding]:
    if facts.release is None or facts.release.error is not None:
        return
    found, wanted = facts.release.value, facts.desired.pipeline_key
    if found is None and wanted is None:
        remedy = "Set release_pipeline_key to attach it, or release_environments to release without a pipeline."
        yield Finding(
            "release",
            FindingStatus.PROBLEM,
            "The flag is in no release pipeline, and no environments are given.",
            remedy,
        )
    elif found is None:
        yield Finding(
            "release", FindingStatus.OK, f"The flag is in no release pipeline; '{wanted}' is the one to attach it to."
        )
    elif wanted is not None and found.pipeline_key != wanted:
        remedy = "Leave release_pipeline_key out, or attach the flag anew with replace: true, which loses its progress."
        yield Finding(
            "release", FindingStatus.PROBLEM, f"The flag is in release pipeline '{found.pipeline_key}'.", remedy
        )
    elif found.canceled:
        remedy = "Start a new one: ld_release with replace: true."
        yield Finding("release", FindingStatus.PROBLEM, "The release was canceled.", remedy)
    elif _is_other_variation(facts, found):
        remedy = "Correct the variation, or attach the flag anew with replace: true, which loses its progress."
        yield Finding("release", FindingStatus.PROBLEM, "The release is of another variation.", remedy)
    else:
        yield Finding("release", FindingStatus.OK, f"The flag is in release pipeline '{found.pipeline_key}'.")


def _is_other_variation(facts: PreflightFacts, found: Release) -> bool:
    wanted, flag = facts.desired.variation, facts.flag.value if facts.flag else None
    if wanted is None or flag is None or found.variation_id is None:
        return False
    try:
        return find_variation(flag.variations, wanted, flag.key).id != found.variation_id
    except LaunchDarklyError:
        return False


def pipeline(facts: PreflightFacts) -> Iterator[Finding]:
    if facts.pipeline is None or facts.pipeline.error is not None:
        return
    found, release_of = facts.pipeline.value, facts.release.value if facts.release else None
    key = facts.desired.pipeline_key or (release_of.pipeline_key if release_of else None)
    if found is None:
        remedy = f"Correct release_pipeline_key.{did_you_mean(key or '', facts.pipeline_keys or ())}"
        yield Finding(
            "pipeline", FindingStatus.PROBLEM, f"No release pipeline '{key}' that the token may view (404).", remedy
        )
    elif found.is_legacy:
        remedy = "Move the flag to a pipeline that is not legacy, or release it through environments; docs/moving.md shows how."
        yield Finding(
            "pipeline", FindingStatus.PROBLEM, f"'{key}' is a legacy pipeline: its phases cannot be started.", remedy
        )
    elif not found.phases:
        yield Finding("pipeline", FindingStatus.PROBLEM, f"'{key}' has no phases.", "Add phases to it in LaunchDarkly.")
    elif gone := _without_environment(found):
        remedy = "Remove the audience from the pipeline in LaunchDarkly, or choose another environment."
        yield Finding(
            "pipeline", FindingStatus.WARNING, f"'{key}' has a deleted environment in {', '.join(gone)}.", remedy
        )
    else:
        count = len(found.phases)
        yield Finding("pipeline", FindingStatus.OK, f"'{key}' exists, with {count} phase{'' if count == 1 else 's'}.")


def _without_environment(found: Pipeline) -> list[str]:
    return [
        f"'{phase.name}'" for phase in found.phases if any(item.environment_key is None for item in phase.audiences)
    ]


def phases(facts: PreflightFacts) -> Iterator[Finding]:
    found = expected_release(facts)
    if found is None or not found.phases:
        return
    unfinished = [phase for phase in found.phases if not phase.is_completed]
    if not unfinished:
        yield Finding("phases", FindingStatus.OK, "All phases are complete: nothing is left to release.")
        return
    phase, name = unfinished[0], f"Phase '{unfinished[0].name}'"
    if phase.status is Status.PAUSED:
        yield Finding("phases", FindingStatus.PROBLEM, f"{name} is paused, and will not resume by itself.", _SETTLED)
    elif phase.status is Status.UNKNOWN:
        remedy = "Look at the release in LaunchDarkly, and for a newer version of the collection."
        yield Finding("phases", FindingStatus.PROBLEM, f"{name} has the unknown status '{phase.status_raw}'.", remedy)
    elif phase.status is Status.NOT_STARTED:
        remedy = "Look at the release in LaunchDarkly: its first unfinished phase should be ready to start."
        yield Finding("phases", FindingStatus.PROBLEM, f"{name} is not ready to start.", remedy)
    elif phase.status is Status.ACTIVE:
        yield Finding("phases", FindingStatus.OK, f"{name} is active: a run waits for it.")
    else:
        yield Finding("phases", FindingStatus.OK, f"{name} is ready to start.")


def approvals(facts: PreflightFacts) -> Iterator[Finding]:
    found = expected_release(facts)
    if found is None:
        return
    asked = {phase.name: environment_keys(_asking(phase)) for phase in _unfinished(found)}
    asked = {name: keys for name, keys in asked.items() if keys}
    if not asked:
        yield Finding("approvals", FindingStatus.OK, "No phase requires an approval.")
    for name, keys in asked.items():
        remedy = "Have a person approve and apply it, or set release_on_approval."
        fact = f"Phase '{name}' waits for an approval in {', '.join(keys)}."
        yield Finding("approvals", FindingStatus.WARNING, fact, remedy)


def _asking(phase: Phase) -> list[Audience]:
    return [item for item in phase.audiences or () if item.require_approval]


def contexts(facts: PreflightFacts) -> Iterator[Finding]:
    """Has LaunchDarkly seen the contexts that a guarded rollout measures?"""
    found, flag = expected_release(facts), facts.flag.value if facts.flag else None
    if found is None or flag is None:
        return
    is_clean = True
    for audience in (item for phase in _unfinished(found) for item in phase.audiences or ()):
        guardian = audience.release_guardian_configuration
        targeting = flag.environments.get(audience.environment_key or "")
        if guardian is None or targeting is None or targeting.context_kinds is None:
            continue
        unit = guardian.randomization_unit or "user"
        if unit not in targeting.context_kinds:
            is_clean = False
            remedy = "Send traffic with this context kind, or the guarded rollout has nothing to measure."
            fact = f"No context of the kind '{unit}' was seen in 30 days."
            yield Finding("contexts", FindingStatus.WARNING, fact, remedy, targeting.key)
    if is_clean:
        yield Finding("contexts", FindingStatus.OK, "No guarded rollout lacks contexts.")


def rules(facts: PreflightFacts) -> Iterator[Finding]:
    found, flag = expected_release(facts), facts.flag.value if facts.flag else None
    if found is None or flag is None:
        return
    keys = environment_keys(item for phase in _unfinished(found) for item in phase.audiences or ())
    counts = {key: _enabled(flag.environments[key].rules) for key in keys if key in flag.environments}
    for key, count in counts.items():
        if count:
            remedy = "Contexts that match them may not get the released variation: look at their order in LaunchDarkly."
            yield Finding(
                "rules",
                FindingStatus.WARNING,
                f"Rules may take precedence over the release (enabled: {count}).",
                remedy,
                key,
            )
    if not any(counts.values()):
        yield Finding("rules", FindingStatus.OK, "No rule takes precedence over the release.")


def _enabled(found: t.Iterable[t.Any]) -> int:
    return sum(1 for rule in found if rule.enabled)


def permissions(facts: PreflightFacts) -> Iterator[Finding]:
    if facts.release is None or facts.release.error is not None:
        return
    yield Finding(
        "permissions",
        FindingStatus.UNKNOWN,
        "Reads are allowed. Whether the token may start a phase cannot be known beforehand: pipelines have no dry run.",
        "Give its role updateReleasePhaseStatus, and addReleasePipeline to attach flags.",
    )


def expected_release(facts: PreflightFacts) -> Release | None:
    """The flag's release, else the one that it would get."""
    found = facts.release.value if facts.release else None
    definition = facts.pipeline.value if facts.pipeline else None
    if found is not None or definition is None or definition.is_legacy:
        return found if definition is None or not definition.is_legacy else None
    return definition.predict_release(facts.desired.target.project_key, facts.desired.target.flag_key, None)


def _unfinished(found: Release) -> list[Phase]:
    return [phase for phase in found.phases if not phase.is_completed]
