# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation of ld_preflight: reads all that a release depends on, and stops where nothing more can be learned."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._core.errors import ApiError, ConnectionFailed, ExchangeError, LaunchDarklyError
from .._decisions.environment_actions import Patch, RequestApproval, Start
from .._decisions.environment_resolve import find_target
from .._decisions.preflight import examine, problems
from .._decisions.preflight_facts import Answer, Entry, Finding, Place, PreflightFacts
from .._decisions.preflight_flag import is_missing
from .._decisions.preflight_page import page, summary
from .._decisions.preflight_record import record_of
from .._http.headers import clock_offset
from .._model.desired import EnvironmentTarget
from .._model.flag import ServeByDefault, SwitchTargeting, serving_only
from .._model.preflight import ACCESS_TOKEN, OTHER, RateLimit
from .._model.release import environment_keys
from .environment_facts import EnvironmentApis, ObservedEnvironment
from .preflight_record import answered, write

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .._backends.base import AccountApi, PipelineDefinitionApi, ReleaseApi
    from .._decisions.environment_actions import Action
    from .._http.client import Http
    from .._http.recorder import Recorder
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.flag import Change, Flag
    from .._model.preflight import DesiredPreflight, Surroundings

T = t.TypeVar("T")


@dataclass(frozen=True)
class PreflightApis:
    account: AccountApi
    releases: ReleaseApi
    definitions: PipelineDefinitionApi
    environments: EnvironmentApis


class PreflightOperation:
    """Looks, and changes nothing. What fails is a finding, not a failure."""

    def __init__(
        self,
        apis: PreflightApis,
        http: Http,
        recorder: Recorder,
        desired: DesiredPreflight,
        surroundings: Surroundings,
    ) -> None:
        self._apis = apis
        self._http = http
        self._recorder = recorder
        self._desired = desired
        self._surroundings = surroundings
        self._found: dict[str, t.Any] = {}
        self._findings: list[Finding] = []
        self._record: str | None = None
        self.warnings: list[str] = []

    def run(self) -> None:
        # Other keys than access tokens are not sent: LaunchDarkly's REST API refuses them all.
        if self._surroundings.token_form in (ACCESS_TOKEN, OTHER):
            self._read()
        facts = self._facts()
        self._findings = examine(facts)
        if self._desired.record is not None:
            answers = answered(self._recorder.exchanges)
            document = record_of(answers, self._findings, dict(self._surroundings.versions), facts.now)
            self._record = write(self._desired.record, document)

    def _facts(self) -> PreflightFacts:
        wall = self._http.runtime.wall()
        return PreflightFacts(
            desired=self._desired,
            surroundings=self._surroundings,
            now=round(wall * 1000),
            clock_offset=self._found.pop("offset", None),
            limits=self._limits(),
            **self._found,
        )

    def _limits(self) -> tuple[RateLimit, ...]:
        """One for each scope: of the routes, the one with the least left."""
        least: dict[str, RateLimit] = {}
        for item in self._http.remaining_requests():
            scope = item.scope.partition(" ")[0]
            if scope not in least or item.left < least[scope].left:
                least[scope] = RateLimit(scope, item.left, item.limit)
        return tuple(least.values())

    def _read(self) -> None:
        caller = self._keep("caller", self._ask(self._apis.account.get_caller))
        answers = self._recorder.answers
        if answers:
            self._found["offset"] = clock_offset(answers[-1].headers, self._http.runtime.wall())
        # Without a connection, and with a token that is not accepted, every other read would say the same.
        if _is_hopeless(caller.error):
            return
        target = self._desired.target
        project = self._keep("project", self._ask(lambda: self._apis.account.get_project(target.project_key)))
        if is_missing(project.error):
            self._keep_keys("project_keys", self._apis.account.list_project_keys)
            return
        if self._desired.environments:
            self._read_environments()
        else:
            self._read_pipeline()

    def _read_flag(self, keys: list[str]) -> Flag | None:
        target = self._desired.target
        flags = self._apis.environments.flags
        answer = self._keep("flag", self._ask(lambda: flags.get_flag(target, keys, with_context_kinds=True)))
        if is_missing(answer.error):
            self._keep_keys("flag_keys", lambda: self._apis.account.list_flag_keys(target.project_key))
        return answer.value

    def _read_pipeline(self) -> None:
        target = self._desired.target
        release = self._ask(lambda: self._apis.releases.find_release(target))
        key = self._desired.pipeline_key or (release.value.pipeline_key if release.value else None)
        pipeline = None
        if key is not None and release.error is None:
            pipeline = self._ask(lambda: self._apis.definitions.find_pipeline(target.project_key, key))
        definition = pipeline.value if pipeline else None
        phases = release.value.phases if release.value else ()
        unfinished = environment_keys(
            item for phase in phases if not phase.is_completed for item in phase.audiences or ()
        )
        planned = (
            [item.environment_key for phase in definition.phases for item in phase.audiences] if definition else []
        )
        keys = list(dict.fromkeys(unfinished or [item for item in planned if item]))
        flag = self._read_flag(keys)
        if flag is None:
            return
        self._keep("release", release)
        if pipeline is not None:
            self._keep("pipeline", pipeline)
            if pipeline.error is None and definition is None:
                self._keep_keys("pipeline_keys", lambda: self._pipeline_keys(target.project_key))
        self._found["places"] = {
            item: self._place(self._in(item), settings=False) for item in keys if item in flag.environments
        }

    def _pipeline_keys(self, project_key: str) -> tuple[str, ...]:
        return tuple(item.key for item in self._apis.definitions.list_pipelines(project_key))

    def _read_environments(self) -> None:
        entries = self._desired.environments
        keys = list(dict.fromkeys(entry.target.environment_key for entry in entries))
        flag = self._read_flag(keys)
        if flag is None:
            return
        if set(keys) - set(flag.environments):
            everything = self._ask(lambda: self._apis.environments.flags.get_flag(self._desired.target))
            self._found["environment_keys"] = tuple(everything.value.environments) if everything.value else ()
        places: dict[str, Place] = {}
        found: list[Entry] = []
        for entry in entries:
            key = entry.target.environment_key
            if key in flag.environments and key not in places:
                places[key] = self._place(entry.target, settings=True)
            found.append(self._entry(entry, flag))
        self._found.update(entries=tuple(found), places=places)

    def _entry(self, entry: DesiredEnvironmentRelease, flag: Flag) -> Entry:
        observed = ObservedEnvironment(self._apis.environments, self._http.service_time, entry, flag=flag)
        try:
            action: Answer[Action] = Answer(observed.decide())
        except LaunchDarklyError as error:
            action = Answer(error=error)
        changes = _changes(action.value, flag, entry) if self._desired.dry_run else ()
        dry_run = self._ask(lambda: self._dry_run(entry.target, changes)) if changes else None
        return Entry(entry, action, observed.facts, dry_run, tuple(observed.warnings))

    def _dry_run(self, target: EnvironmentTarget, changes: tuple[Change, ...]) -> Flag:
        doing = f"have a change of {target} checked"
        return self._apis.environments.flags.change(target, changes, doing, comment=None, dry_run=True)

    def _place(self, target: EnvironmentTarget, *, settings: bool) -> Place:
        apis = self._apis.environments
        return Place(
            requests=self._ask(lambda: apis.approvals.list_requests(target.flag, target.environment_key)),
            scheduled=self._ask(lambda: apis.flags.list_scheduled_changes(target)),
            settings=self._ask(lambda: apis.releases.get_approval_settings(target)) if settings else None,
        )

    def _in(self, environment_key: str) -> EnvironmentTarget:
        return EnvironmentTarget(self._desired.target.project_key, self._desired.target.flag_key, environment_key)

    def _ask(self, read: Callable[[], T]) -> Answer[T]:
        try:
            return Answer(read())
        except ExchangeError as error:
            return Answer(error=error)

    def _keep(self, name: str, answer: Answer[T]) -> Answer[T]:
        self._found[name] = answer
        return answer

    def _keep_keys(self, name: str, read: Callable[[], tuple[str, ...]]) -> None:
        """Keys are for suggestions only: a list that cannot be read stands for none."""
        self._found[name] = self._ask(read).value or ()

    def to_result(self) -> dict[str, t.Any]:
        target = self._desired.target
        return {
            "changed": False,
            "ready": bool(self._findings) and not problems(self._findings),
            "findings": [item.to_result() for item in self._findings],
            "page": page(f"{target}", self._findings) if self._findings else [],
            "summary": summary(self._findings),
            "record": self._record,
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }


def _is_hopeless(error: LaunchDarklyError | None) -> bool:
    """Would every other read fail in the same way?"""
    if error is None:
        return False
    if isinstance(error, ConnectionFailed) or not isinstance(error, ApiError):
        return True
    return error.unexpected or error.status in (401, 429) or (error.status or 0) >= 500


def _changes(action: Action | None, flag: Flag, entry: DesiredEnvironmentRelease) -> tuple[Change, ...]:
    """What a release would change, nothing where nothing is left to change. A start itself has no dry run, but its rights do."""
    if isinstance(action, (Patch, RequestApproval)):
        return action.changes
    if isinstance(action, Start):
        return (SwitchTargeting(True), ServeByDefault(serving_only(find_target(flag, entry).id)))
    return ()
