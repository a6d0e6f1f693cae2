# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Which phases a run will start, resume or skip, and why. Pure; the rules about a release are the modules' own."""

from __future__ import annotations

import dataclasses
import typing as t
from collections import Counter
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration, plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import phase as phase_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import wait as wait_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import AudienceSettings
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import Strategy
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    Phase,
    Release,
    Status,
    environment_keys,
    release_from_result,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import environments
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import (
    DEFAULT_WAIT_TIMEOUT,
    Check,
    PhaseSettings,
    Settings,
    SettingsError,
    read_settings,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# One thing that a run does: `kind` (`confirm`, `hook`, `start`, `soak`, `check`), `label` for people, `step` (an index), and what
# the kind needs.
Part = dict[str, t.Any]

# What a monitoring window is given on top, for LaunchDarkly to notice its end (seconds).
WINDOW_GRACE = 3600.0


@dataclass(frozen=True)
class Step:
    """What a run does about one phase. Times are seconds.

    `would` is `skip`, `resume` or `start`. A skipped phase with `verify` is the last completed one: its soak, checks and `after`
    tasks guard what comes next, so they run on every run until a later phase is started. `done_since` is when a phase that is found
    done was so, at the earliest. `window` is the longest monitoring window of its audiences.
    """

    phase: str
    phase_id: str
    index: int
    status: str
    environments: tuple[str, ...]
    strategies: tuple[str, ...]
    require_approval: bool
    would: str
    why: str
    verify: bool
    confirm: bool
    is_last: bool
    before: tuple[str, ...]
    after: tuple[str, ...]
    checks: tuple[Check, ...]
    soak: float
    window: float
    wait_for: str
    wait_timeout: float
    wait_interval: float
    audiences: list[dict[str, t.Any]] | None
    done_since: str | None = None
    may_freeze: bool = False
    module: str = "ld_release_phase"
    options: dict[str, t.Any] | None = None
    module_decides_timeout: bool = False
    rolls_out: bool = True

    @property
    def runs(self) -> bool:
        return self.would != "skip" or self.verify

    @property
    def watches(self) -> bool:
        """Is a check measured while the steps of the phase run?"""
        return self.rolls_out and any(check.during == "rollout" for check in self.checks)

    @property
    def own_seconds(self) -> float:
        """What the phase takes by itself in this run, however fast everybody else is."""
        if not self.runs:
            return 0.0
        return self.soak + (self.window if self.would != "skip" else 0.0)

    @property
    def parts(self) -> list[Part]:
        """What a run does for the phase, in this order."""
        if not self.runs:
            return []
        before = self.before if self.would == "start" else ()
        wording = {"start": "start", "resume": "wait", "skip": "look again"}[self.would]
        # Looked at again after what may have taken a while.
        freeze = [self._part("freeze", "freeze windows")] if self.may_freeze and self.would == "start" else []
        return [
            *freeze,
            *([self._part("confirm", "confirm")] if self.confirm else []),
            *(self._part("hook", f"before, {file}", side="before", file=file) for file in before),
            *(freeze if self.confirm or before else []),
            *([self._part("rollout", "checks during the rollout")] if self.watches and self.would == "resume" else []),
            self._part("start", wording),
            *([self._part("rollout", "checks during the rollout")] if self.watches and self.would != "skip" else []),
            *([self._part("soak", f"soak {duration(self.soak)}")] if self.soak else []),
            *(self._part("check", f"check {check.name}", check=number) for number, check in enumerate(self.checks)),
            *(self._part("hook", f"after, {file}", side="after", file=file) for file in self.after),
        ]

    def _part(self, kind: str, label: str, **more: t.Any) -> Part:
        return {"kind": kind, "label": plain(f"{self.title}: {label}"), "step": self.index, **more}

    @property
    def title(self) -> str:
        """The name of the phase for the names of tasks."""
        return plain(self.phase)


def plan_steps(release: Mapping[str, t.Any], raw: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The plan as plain data: `steps` in order, and what holds for the whole run. Raises SettingsError."""
    settings = read_settings(raw)
    current = release_from_result(release)
    if not current.phases:
        raise SettingsError(f"The release of {current.project_key}/{current.flag_key} has no phases.")
    try:
        until = phase_rules.find_phase(current, settings.until) if settings.until else current.phases[-1]
        own = {_find(current, item).id: item for item in settings.phases}
        confirmed = {phase_rules.find_phase(current, name).id for name in settings.confirmed}
        for name in settings.retry:
            phase_rules.find_phase(current, name)
    except LaunchDarklyError as error:
        raise SettingsError(error.message) from error
    if len(own) < len(settings.phases):
        raise SettingsError("release_phases names a phase twice.")
    if settings.environments:
        environments.refuse_what_stops_a_run(release, settings, until.index)
    steps = [
        _step(phase, current, settings, own.get(phase.id, PhaseSettings(phase.name)), until, confirmed)
        for phase in current.phases[: until.index + 1]
    ]
    if settings.environments:
        steps = [_in_environment(step, release, settings, own) for step in steps]
    return {
        "project_key": current.project_key,
        "flag_key": current.flag_key,
        "pipeline_key": current.pipeline_key,
        "canceled_at": current.canceled_at,
        "until": until.name,
        "wait": settings.wait,
        "ask": settings.ask,
        "on_changed_by_others": settings.on_changed_by_others,
        "on_approval": settings.on_approval,
        "approval_timeout": settings.approval_timeout,
        "on_failure": settings.on_failure,
        "freeze": settings.freeze,
        "freeze_action": settings.freeze_action,
        "freeze_override": settings.freeze_override,
        "notify": settings.notify,
        "notify_events": settings.notify_events,
        "warnings": environments.audit_warnings(release, settings, until.index) if settings.environments else [],
        "own_seconds": sum(step.own_seconds for step in steps),
        "steps": [
            {**dataclasses.asdict(step), "runs": step.runs, "title": step.title, "watches": step.watches}
            for step in steps
        ],
        "parts": [part for step in steps for part in step.parts],
    }


def _find(release: Release, settings: PhaseSettings) -> Phase:
    """The phase that settings are for; raises also for an audience that it does not have, before anything moves."""
    phase = phase_rules.find_phase(release, settings.phase)
    # A phase may list its audiences only when it is ready; then their names have to be believed until its start.
    if phase.audiences:
        wanted = tuple(AudienceSettings(str(item["audience"])) for item in settings.audiences or ())
        phase_rules.find_audiences(phase, release, wanted)
    return phase


def _step(
    phase: Phase, release: Release, settings: Settings, own: PhaseSettings, until: Phase, confirmed: set[str]
) -> Step:
    would, why, verify = _what_would_happen(phase, release)
    after = () if "hooks" in settings.skip else own.after
    checks = () if "checks" in settings.skip else _distinct(settings.checks + own.checks)
    wait_for = settings.final_status if phase.index == until.index else "completed"
    return Step(
        phase=phase.name,
        phase_id=phase.id,
        index=phase.index,
        status=phase.status.value,
        environments=tuple(environment_keys(phase.audiences)),
        strategies=tuple(dict.fromkeys(item.strategy for item in phase.audiences or () if item.strategy)),
        require_approval=any(item.require_approval for item in phase.audiences or ()),
        would=would,
        why=why,
        verify=verify and bool(own.soak or checks or after),
        confirm=own.confirm and would == "start" and phase.id not in confirmed,
        is_last=phase.index == len(release.phases) - 1,
        before=() if "hooks" in settings.skip else own.before,
        after=after,
        checks=checks,
        soak=own.soak,
        window=_window(phase, own),
        wait_for=wait_for,
        wait_timeout=_wait_timeout(phase, settings, own),
        wait_interval=settings.wait_interval,
        audiences=own.audiences,
        done_since=_done_since(phase, would, wait_for),
        may_freeze=bool(settings.freeze),
    )


def _in_environment(
    step: Step, release: Mapping[str, t.Any], settings: Settings, own: Mapping[str, PhaseSettings]
) -> Step:
    """The step of a phase that is an environment: another module, and steps instead of a monitoring window."""
    phase = release["phases"][step.index]
    entry = environments.find_entry(settings, step.phase_id)
    of_phase = own.get(step.phase_id)
    given = [of_phase.wait_timeout if of_phase else None, entry.wait_timeout, settings.wait_timeout]
    timeout = next((seconds for seconds in given if seconds is not None), None)
    would, why = _in_environment_would(step, phase)
    if settings.on_failure == "restore" and _served_before(phase, release):
        why += "; a failure rolls it back, since it was released before"
    return dataclasses.replace(
        step,
        would=would,
        why=why,
        window=phase["window"],
        wait_timeout=phase["window"] + WINDOW_GRACE if timeout is None else timeout,
        module_decides_timeout=timeout is None,
        module="environment_step",
        options=environments.step_options(settings, step.phase_id),
        rolls_out=entry.strategy != Strategy.IMMEDIATE.value or phase["window"] > 0,
    )


def _served_before(phase: Mapping[str, t.Any], release: Mapping[str, t.Any]) -> bool:
    """Did the environment of a phase serve the variation already, or was it on its way to it?"""
    key = phase["audiences"][0]["environment_key"]
    same = [item for item in release["phases"] if item["audiences"][0]["environment_key"] == key]
    return any(item["status"] in environments.BEGUN for item in same)


def _in_environment_would(step: Step, phase: Mapping[str, t.Any]) -> tuple[str, str]:
    """`would` and `why` where a release in an environment differs from a phase of a pipeline."""
    if phase["is_unfinished"]:
        return "resume", "completed, but rules of earlier audiences are left"
    if step.status in ("reverted", "blocked"):
        return "start", f"{step.status}, and to be tried again"
    if step.status == "paused":
        return "resume", "LaunchDarkly waits"
    if phase["waits_for_other"] and step.would == "start":
        return "start", "when the release to another audience is done"
    return step.would, step.why


def checks_of(step: Mapping[str, t.Any], settings: Settings) -> tuple[Check, ...]:
    """The checks of a step of the plan, with everything that they need to be measured."""
    own = [item for item in settings.phases if item.phase in (step["phase_id"], step["phase"])]
    return _distinct(settings.checks + (own[0].checks if own else ()))


def without_arguments(plan: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The plan without the texts of its checks, which may hold secrets: it travels in results."""
    steps = [{**step, "checks": [_without_arguments(check) for check in step["checks"]]} for step in plan["steps"]]
    return {**plan, "steps": steps}


def _without_arguments(check: Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {name: value for name, value in check.items() if name not in ("arguments", "templates")}


def _distinct(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Two checks may have one name, such as that of their preset; messages and results have to name one of them."""
    seen: Counter[str] = Counter()
    named = []
    for check in checks:
        seen[check.name] += 1
        count = seen[check.name]
        named.append(dataclasses.replace(check, name=f"{check.name} ({count})") if count > 1 else check)
    return tuple(named)


def _done_since(phase: Phase, would: str, wait_for: str) -> str | None:
    """When a phase that this run finds done was so, at the earliest: its soak counts from there.

    Where a phase completes only with the start of the next one, LaunchDarkly has no time of its completion before that.
    """
    if wait_for == "active" and would != "start":
        return phase.started_at
    if would != "skip":
        return None
    return phase.completed_at or add_seconds(phase.started_at, phase.window_seconds)


def _what_would_happen(phase: Phase, release: Release) -> tuple[str, str, bool]:
    """`would`, `why` and `verify` of a step."""
    progress = wait_rules.assess(release, phase.id, Status.COMPLETED)
    if isinstance(progress, wait_rules.Met) and not _is_untouched(phase):
        if any(_is_entered(later) for later in release.phases[phase.index + 1 :]):
            return "skip", "a later phase was started", False
        done = "done, since the next phase is ready" if progress.waited_for == "next_phase" else "completed"
        return "skip", done, True
    if phase.status is Status.ACTIVE:
        return "resume", "active already", False
    if isinstance(progress, wait_rules.Ended):
        return "resume", progress.error.message, False
    if release.is_legacy:
        # The module refuses, so that nothing of the user's runs before it.
        return "resume", phase_rules.legacy_start(phase, release).message, False
    if phase.status is Status.READY_TO_START:
        return "start", "ready to start", False
    return "start", "when the phase before it is done", False


def is_done(release: Release, phase: Phase) -> bool:
    """Is the phase complete, or proven to be by a later one? A phase that was never started is not, whatever a later one shows."""
    progress = wait_rules.assess(release, phase.id, Status.COMPLETED)
    return isinstance(progress, wait_rules.Met) and not _is_untouched(phase)


def _is_untouched(phase: Phase) -> bool:
    return phase.status in (Status.NOT_STARTED, Status.READY_TO_START) and not phase.is_completed


def _is_entered(phase: Phase) -> bool:
    return bool(phase.started) or phase.is_completed or phase.status in (Status.ACTIVE, Status.PAUSED)


def _wait_timeout(phase: Phase, settings: Settings, own: PhaseSettings) -> float:
    if own.wait_timeout is not None:
        return own.wait_timeout
    if settings.wait_timeout is not None:
        return settings.wait_timeout
    window = _window(phase, own)
    return window + WINDOW_GRACE if window else DEFAULT_WAIT_TIMEOUT


def _window(phase: Phase, own: PhaseSettings) -> float:
    """The longest monitoring window of the phase, also of those that come with its start."""
    given = [
        ((item.get("release_guardian_configuration") or {}).get("monitoring_window_milliseconds") or 0) / 1000
        for item in own.audiences or ()
    ]
    return max([phase.window_seconds, *given])
