# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run acts on, as far as it shows without Ansible: exceptions, and what cannot be filled in."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.sequence_world import SequenceWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock


class Variables:
    """The variables of a role of which none can be filled in."""

    raw: dict[str, Any] = {}  # noqa: RUF012  nobody changes it

    def rehearsal(self) -> dict[str, Any]:
        return {}

    def text(self, name: str) -> str:
        raise SettingsError(f"{name} cannot be filled in: 'hooks' is undefined")


class Access:
    """Of a role without a token of its own."""

    def hide(self, value: Any) -> Any:
        return value


class Action:
    display = None
    access = Access()


def world(kind: type[ReleaseWorld] = ReleaseWorld) -> ReleaseWorld:
    action: Any = Action()
    variables: Any = Variables()
    return kind(action, variables, Clock().runtime(), {})


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


def test_now_is_a_time_with_microseconds_in_utc() -> None:
    assert world().now() == "2026-10-26T07:33:20.000000Z"


NEITHER = {actions.RunTaskFile, actions.Planned, actions.Done}


def test_world_of_a_plan_only_reads_and_shows() -> None:
    assert set(world().carriers()) == {actions.Read, actions.MakePlan, actions.Show}


def test_world_of_a_sequence_carries_out_all_that_is_not_for_the_role() -> None:
    assert set(world(SequenceWorld).carriers()) == set(get_args(actions.Action)) - NEITHER
