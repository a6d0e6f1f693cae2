# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world for whole runs: the simulator without HTTP, the collection's modules without Ansible, and a clock that only pauses move.

Everything that a run does is kept in `log`, a few words each. Between any two steps the state goes through JSON, as it does between
two tasks of the role.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_targeting import FLAG_TARGETING
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release import RELEASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.transport import JSON, Response
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions, checks, freeze, sequence
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps, without_arguments
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import NOTICES
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.world import World as Service
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.clock import Clock as ServiceClock
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.http.messages import Request
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service import api
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    TOKEN,
    Clock,
    Headers,
    cut,
    run_definition,
)

MODULES = {
    "ld_release": RELEASE,
    "ld_release_info": RELEASE_INFO,
    "ld_release_phase": RELEASE_PHASE,
    "ld_flag_targeting": FLAG_TARGETING,
}
NAMES = ("Test", "Staging", "Production")
# More steps than any run here takes.
MAX_STEPS = 3000


class Interrupted(BaseException):
    """What ends a task from outside."""


class Killed(BaseException):
    """The end of the process."""


@dataclass
class AlarmClock(Clock):
    """A clock that can interrupt whoever sleeps, once, as the `timeout` of a task does."""

    alarm: float | None = None
    error: type[BaseException] = Interrupted

    def sleep(self, seconds: float) -> None:
        if self.alarm is not None and self.slept + seconds > self.alarm:
            self.slept, self.alarm = max(self.slept, self.alarm), None
            raise self.error
        super().sleep(seconds)


def phase(name: str, seconds: float | None = None, *, approval: bool = False, window: float | None = None) -> Any:
    """A phase of a pipeline; an immediate one takes a second, a guarded one its window."""
    configuration: dict[str, Any] = {"releaseStrategy": "immediate-rollout", "requireApproval": approval}
    if window or seconds:
        guardian = {
            "monitoringWindowMilliseconds": round((window or seconds or 0) * 1000),
            "rolloutWeight": 50000,
            "rollbackOnRegression": True,
        }
        configuration.update(releaseStrategy="monitored-release", releaseGuardianConfiguration=guardian)
    key = name.lower()
    return {
        "id": f"id-{key}",
        "name": name,
        "audiences": [{"environmentKey": key, "name": name, "configuration": configuration}],
    }


class LaunchDarkly:
    """The simulator as a transport, on the clock of the run."""

    requests = 0
    # Called twice for each request of a run, before and after it took effect, with its number.
    at_each_request: Callable[[int, bool], Any] = staticmethod(lambda _number, _took_effect: None)

    def __init__(self, clock: Clock, phases: Iterable[Any], statuses: Iterable[str], completion: str) -> None:
        defined = [item if isinstance(item, dict) else phase(item) for item in phases]
        # Without any, the first phase is ready.
        given = [{"status": status} for status in statuses]
        release = {"phases": [*given, *[{"status": "not-started"}] * (len(defined) - len(given))]} if given else {}
        project = {"pipelines": {"standard": {"phases": defined}}, "releases": {"cart": release}}
        state = {"projects": {"shop": project}}
        self.service = Service(state, ServiceClock(1.0, clock.wall), completion, TOKEN)

    def send(
        self, method: str, path: str, body: bytes | None, content_type: str = JSON, _limit: float = 0.0
    ) -> Response:
        self.requests += 1
        number = self.requests
        self.at_each_request(number, False)
        answer = self.answer(method, path, body, content_type)
        self.at_each_request(number, True)
        return answer

    def answer(self, method: str, path: str, body: bytes | None, content_type: str = JSON) -> Response:
        """Also for requests of nobody's run."""
        path, _mark, query = path.partition("?")
        headers = {"Authorization": TOKEN, "LD-API-Version": "beta", "Content-Type": content_type}
        answer = api.answer(self.service, Request(method, path, query, headers, body or b""))
        if answer.cut:
            raise cut()
        return Response(answer.status, Headers(**answer.headers), answer.body)

    def fail(self, **fault: Any) -> None:
        self.service.faults.faults.extend(parse([fault]))

    def be_unreadable(self) -> None:
        """From now on nobody may read the release."""
        self.fail(method="GET", path="/release$", times=None, status=403)

    def change(self, name: str, **fields: Any) -> None:
        """Somebody else changes a phase."""
        self.service.merge_phase("shop", "cart", name, fields)

    def change_release(self, **fields: Any) -> None:
        self.service.merge_release("shop", "cart", fields)

    def start(self, name: str) -> None:
        """Somebody else starts a phase."""
        self.answer(
            "PUT", f"/api/v2/projects/shop/flags/cart/release/phases/id-{name.lower()}", b'{"status": "active"}'
        )

    def review_by_itself(self, verdict: str, after: float, **more: Any) -> None:
        self.service.set_reviewer("shop", {"verdict": verdict, "after": after, **more})

    @property
    def project(self) -> Any:
        return self.service.project("shop")

    @property
    def starts(self) -> list[str]:
        """The phases that were started, in order, whoever did it."""
        names = {item["id"]: item["name"] for item in self.project["pipelines"]["standard"]["phases"]}
        entries = [item for item in self.project["audit"] if item["action"] == "updateReleasePhaseStatus"]
        return [names[item["phaseId"]] for item in entries if item["by"] == "token"]

    @property
    def writes(self) -> list[str]:
        return [item["method"] for item in self.service.log.entries() if item["method"] != "GET"]

    @property
    def statuses(self) -> list[str]:
        return [item["status"] for item in self.project["releases"]["cart"]["phases"]]

    @property
    def is_on(self) -> dict[str, bool]:
        environments = self.project["flags"]["cart"]["environments"]
        return {key: bool(item["on"]) for key, item in environments.items()}


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


class World:
    """Answers the actions of a sequence. `settings` are those of the role, without their prefix."""

    modules = MODULES

    def __init__(
        self,
        *phases: Any,
        statuses: Iterable[str] = (),
        completion: str = "self",
        **settings: Any,
    ) -> None:
        self.clock = AlarmClock()
        self.launchdarkly = LaunchDarkly(self.clock, phases or NAMES, statuses, completion)
        self.settings = settings
        # Options of sequence.begin.
        self.options: dict[str, Any] = {}
        self.log: list[str] = []
        self.called: set[str] = set()
        # The options of each call of a module.
        self.calls: list[dict[str, Any]] = []
        self.shown: list[str] = []
        # Why it paused.
        self.pauses: list[str] = []
        self.events: list[dict[str, Any]] = []
        # What task files of the user's, notices and checks answer, one after the other, by name; then, and without: all is well.
        self.answers: dict[str, list[Any]] = {}
        # What happens just before an action, by its entry in the log, once.
        self.before: dict[str, Callable[[], Any]] = {}
        # As before, but after the action took effect and before its answer.
        self.after: dict[str, Callable[[], Any]] = {}
        # Called twice for each action, before and after it took effect, with how often it was called before.
        self.at_each_point: Callable[[int], Any] = _ignore
        self.points = 0
        self.file_seconds = 0.0
        self.publish: list[dict[str, Any]] = []
        self.state: sequence.State = {}

    # The loop

    def begin(self) -> sequence.State:
        run = {"host": "localhost", "project_key": "shop", "flag_key": "cart", "number": 1}
        options: dict[str, Any] = {"notify": self._notify(self._names_of_notices()), **self.options}
        return sequence.begin(run, self.now(), **options)

    def run(self, state: sequence.State | None = None) -> dict[str, Any]:
        """Take a run to its end; the record of it."""
        self.state = state or self.begin()
        for _step in range(MAX_STEPS):
            self.state, action = sequence.advance(self.state, self.now())
            self.state = through_json(self.state)
            if isinstance(action, actions.Done):
                return self.record
            if not isinstance(action, actions.Planned):
                self.state = self._step(action)
        raise AssertionError(f"no end in sight: {self.log[-10:]}")

    def _step(self, action: actions.Action) -> sequence.State:
        try:
            given = self.carry_out(action)
        except Interrupted as error:
            return sequence.interrupt(self.state, *(self.interruption(error) or ()), self.now())
        return sequence.answer(self.state, given, self.now())

    @property
    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = self.state["record"]
        return record

    @property
    def outcome(self) -> tuple[Any, ...]:
        return tuple(self.record[name] for name in ("state", "reason", "error_code"))

    @property
    def actions(self) -> list[str | None]:
        """What the record says was done about each phase."""
        return [item["action"] for item in self.record["phases"]]

    def again(self, **settings: Any) -> dict[str, Any]:
        """Another run on the same release, with a log of its own."""
        self.settings = {**self.settings, **settings}
        self.log, self.called, self.calls, self.shown, self.events = [], set(), [], [], []
        return self.run()

    # As driver.World

    def now(self) -> str:
        moment = datetime.datetime.fromtimestamp(self.clock.wall(), datetime.timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def keep(self, state: sequence.State) -> None:
        self.state = state

    def interruption(self, error: BaseException) -> tuple[str, str] | None:
        if isinstance(error, Interrupted):
            return "task_timeout", "Ansible's task timeout ended this task."
        return ("internal_error", f"This is a bug: {error}.") if isinstance(error, Exception) else None

    def carries_out(self, action: actions.Action) -> bool:
        """As the world of an action plugin does; `run` and `driven` also have the task files of the user's carried out."""
        return not isinstance(action, (actions.RunTaskFile, actions.Planned, actions.Done))

    def carry_out(self, action: actions.Action) -> Any:
        words = self._words(action)
        if words:
            self.log.append(words)
        self._come_to_a_point(self.before, words)
        given = getattr(self, f"_{type(action).__name__.lower()}")(action)
        self._come_to_a_point(self.after, words)
        return given

    def _come_to_a_point(self, hooks: dict[str, Callable[[], Any]], words: str) -> None:
        self.points += 1
        self.at_each_point(self.points - 1)
        hooks.pop(words, _do_nothing)()

    def _words(self, action: actions.Action) -> str:
        """An action in a few words; none for what is only shown."""
        if isinstance(action, actions.Operate):
            return self._words_of_module(action)
        if isinstance(action, actions.Read):
            return "attach" if action.attach else "read"
        if isinstance(action, actions.Send):
            return f"send {action.name} ({_about(action.event)})"
        if isinstance(action, actions.RunTaskFile):
            about = _about(action.event) if action.event else action.purpose
            return f"run {action.name} ({about})"
        if isinstance(action, actions.Measure):
            return f"measure {self._check(action)['name']}"
        if isinstance(action, actions.Pause):
            return f"pause {action.seconds:g}"
        words = {actions.MakePlan: "plan", actions.Ask: "ask", actions.WriteReport: "report"}
        return words.get(type(action), "")

    def _words_of_module(self, action: actions.Operate) -> str:
        if action.module == "ld_flag_targeting":
            return f"turn off {action.options['environment_key']}"
        step = next(item for item in self.state["plan"]["steps"] if item["phase_id"] == action.options["phase"])
        waits = bool(action.options.get("wait"))
        is_first = step["phase"] not in self.called
        self.called.add(step["phase"])
        if is_first and step["would"] == "start":
            return f"start {step['phase']}" + (" and wait" if waits else "")
        return f"{'wait for' if waits else 'look at'} {step['phase']}"

    # The actions

    def _module(self, name: str, **options: Any) -> dict[str, Any]:
        transport: Any = self.launchdarkly
        result = run_definition(self.modules[name], transport, self.clock, **options)
        return {key: value for key, value in result.items() if key != "warnings"}

    def _read(self, action: actions.Read) -> Any:
        keys = {"project_key": "shop", "flag_key": "cart"}
        if not action.attach:
            return self._module("ld_release_info", **keys)
        return self._module(
            "ld_release", **keys, release_pipeline_key="standard", check_mode=bool(self.state["check_mode"])
        )

    def _makeplan(self, _action: actions.MakePlan) -> Any:
        try:
            plan = plan_steps(self.state["current"], self.settings)
        except SettingsError as error:
            return {"error": str(error), "code": error.code, "steps": [], "parts": []}
        located = {
            **plan,
            "notify": self._notify(plan["notify"]),
            "parts": [{**part, "path": part.get("file")} for part in plan["parts"]],
            "steps": [
                {**step, "checks": [{**check, "path": check["file"]} for check in step["checks"]]}
                for step in plan["steps"]
            ],
        }
        return freeze.foresee(without_arguments(located), self.now())

    def _names_of_notices(self) -> list[str]:
        found: list[str] = self.settings.get("notify", [])
        return found

    def _notify(self, names: Iterable[str]) -> list[dict[str, Any]]:
        return [{"name": name, "path": name, "is_ours": name in NOTICES} for name in names]

    def _show(self, action: actions.Show) -> None:
        self.shown += action.lines

    def _operate(self, action: actions.Operate) -> Any:
        self.calls.append(action.options)
        return self._module(action.module, **action.options)

    def _check(self, action: actions.Measure) -> dict[str, Any]:
        check: dict[str, Any] = self.state["plan"]["steps"][action.step]["checks"][action.check]
        return check

    def _measure(self, action: actions.Measure) -> Any:
        ok = self._next_answer(self._check(action)["name"], True)
        return checks.measured(ok, {True: "fine", False: "too slow", None: "no answer"}[ok])

    def _runtaskfile(self, action: actions.RunTaskFile) -> Any:
        self.clock.slept += self.file_seconds
        if action.event:
            self.events.append(action.event)
        answer = self._next_answer(action.name, {})
        if isinstance(answer, dict):
            return answer
        said = {"failed": True, "msg": "it is red", "error_code": None}
        return {} if answer else {**said, "inconclusive": answer is None}

    def _send(self, action: actions.Send) -> Any:
        self.events.append(action.event)
        return self._next_answer(action.name, {})

    def _pause(self, action: actions.Pause) -> Any:
        self.pauses.append(action.why)
        answer = self._next_answer("pause", "")
        if not answer:
            self.clock.sleep(action.seconds)
        return {"aborted": answer == "abort", "cut_short": answer == "cut short"}

    def _ask(self, _action: actions.Ask) -> Any:
        return self._next_answer("ask", None)

    def _writereport(self, _action: actions.WriteReport) -> Any:
        written = {"paths": {"html": "/r/cart.html"}, "publish": self.publish, "approvals": [], "warnings": []}
        return {**written, **self._next_answer("report", {})}

    def _next_answer(self, name: str, default: Any) -> Any:
        answers = self.answers.get(name)
        return answers.pop(0) if answers else default


def _about(event: dict[str, Any]) -> str:
    return " ".join(filter(None, (event["event"], event["phase"])))


def _do_nothing() -> None:
    """For an action before which nothing happens."""


def _ignore(_point: int) -> None:
    """For points at which nothing happens."""
