# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run acts on, as far as it shows without Ansible: exceptions, and what cannot be filled in."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.sequence_world import SequenceWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock


class Variables:
    """The variables of a role of which none can be filled in."""

    raw: dict[str, Any] = {}  # noqa: RUF012  nobody changes it

    def rehearsal(self) -> dict[str, Any]:
        return {}

    def text(self, name: str) -> str:
        raise SettingsError(f"{name} cannot be filled in: 'hooks' is undefined")


class Access:
    """Of a role whose own options are given."""

    warnings: tuple[str, ...] = ()

    def __init__(self, **given: str) -> None:
        self.given = given

    def options(self) -> dict[str, str]:
        return self.given

    def token(self) -> str:
        return self.given["access_token"]

    def hide(self, value: Any) -> Any:
        return value


class Action:
    display = None
    group_options: dict[str, Any] = {}  # noqa: RUF012  nobody changes it
    operations = {"ld_release_info": RELEASE_INFO}  # noqa: RUF012  as above

    def __init__(self, access: Access) -> None:
        self.access = access


def world(
    kind: type[ReleaseWorld] = ReleaseWorld, runtime: Runtime | None = None, access: Access | None = None
) -> ReleaseWorld:
    action: Any = Action(access or Access())
    variables: Any = Variables()
    return kind(action, variables, runtime or Clock().runtime(), {})


class TaskTimeoutError(BaseException):
    """As Ansible names it, wherever it is."""


class OwnTimeout(TaskTimeoutError):
    """As it may derive from it."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TaskTimeoutError(), "task_timeout"),
        (OwnTimeout(), "task_timeout"),
        (ValueError("x"), "internal_error"),
        (SystemExit(), None),
        (KeyboardInterrupt(), None),
    ],
)
def test_interruption_has_a_code_unless_the_process_ends(error: BaseException, code: str | None) -> None:
    found = world().interruption(error)
    assert (found[0] if found else None) == code


def test_interruption_by_a_bug_names_it() -> None:
    assert world().interruption(KeyError("phase")) == (
        "internal_error",
        "This is a bug in the collection flagops.launchdarkly: KeyError: 'phase'.",
    )


@pytest.mark.parametrize("name", ["webhook", "chat", "slack", "teams"])
def test_notice_whose_address_cannot_be_filled_in_fails(name: str) -> None:
    """It is a warning then, like any other notice that fails."""
    given = world(SequenceWorld).carry_out(actions.Send(name, {}))
    assert given == {"failed": True, "msg": f"release_{name}_url cannot be filled in: 'hooks' is undefined"}


FLAG = {"project_key": "demo", "flag_key": "new-checkout"}


@pytest.fixture
def simulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with Simulator() as running:
        yield running


def seconds_off(now: str) -> float:
    return abs(datetime.datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp() - time.time())


@pytest.mark.parametrize("ahead", [-600.0, 0.0, 600.0])
def test_now_is_the_time_of_launchdarkly_once_it_has_answered(simulator: Simulator, ahead: float) -> None:
    """The soak of a phase counts from LaunchDarkly's time, so a clock of ours that is ahead must not make it shorter."""
    runtime = Runtime(wall=lambda: time.time() + ahead)
    reader = world(runtime=runtime, access=Access(api_host=simulator.url, access_token=simulator.access_token))
    assert seconds_off(reader.now()) > abs(ahead) - 1
    for _look in range(2):
        assert reader.operate("ld_release_info", FLAG)["exists"]
        assert seconds_off(reader.now()) < 3
        assert abs(reader.clock_ahead - ahead) < 3
    # In the worker of the next task, before anything is read there.
    resumed = world(SequenceWorld, runtime=runtime)
    resumed.clock_ahead = reader.clock_ahead
    assert seconds_off(resumed.now()) < 3


def test_now_does_not_jump_with_the_whole_seconds_of_an_answer() -> None:
    reader = world()
    for ahead in (600.0, 600.9, 599.2, 600.4):
        reader.learn_clock(ahead)
        assert reader.clock_ahead == 600.0
    reader.learn_clock(0.0)
    assert reader.clock_ahead == 0.0


def test_now_is_a_time_with_microseconds_in_utc() -> None:
    assert world().now() == "2026-10-26T07:33:20.000000Z"


NEITHER = {actions.RunTaskFile, actions.Planned, actions.Done}


def test_world_of_a_plan_only_reads_and_shows() -> None:
    assert set(world().carriers()) == {actions.Read, actions.MakePlan, actions.Show}


def test_world_of_a_sequence_carries_out_all_but_includes() -> None:
    assert set(world(SequenceWorld).carriers()) == set(get_args(actions.Action)) - NEITHER
