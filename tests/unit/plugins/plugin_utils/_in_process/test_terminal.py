# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pauses, the question for a name, and lines, with and without a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.terminal import Terminal
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock


class Person:
    """Plays Ansible's prompt: each answer is what is typed, or an exception."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def prompt_until(self, msg: str, **options: Any) -> bytes:
        self.asked.append((msg, options))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)


INTERRUPT = AnsiblePromptInterrupt("user interrupt")
NO_TERMINAL = AnsiblePromptNoninteractive("stdin is no terminal")


def paused(person: Person, *, is_shared: bool = False) -> tuple[str, float]:
    """What became of a pause of 90 seconds, and how long it slept itself."""
    clock = Clock()
    terminal = Terminal(person, clock.runtime(), is_shared=is_shared)
    decided = [word for word, is_so in terminal.pause(89.5, "Test soaks").items() if is_so]
    return " ".join(decided), clock.slept


@pytest.mark.parametrize(
    ("answers", "decided", "slept"),
    [
        ([b""], "", 0.0),
        ([NO_TERMINAL], "", 89.5),
        ([INTERRUPT, b"c"], "cut_short", 0.0),
        ([INTERRUPT, INTERRUPT], "aborted", 0.0),
    ],
)
def test_pause_may_be_cut_short_or_end_the_run(answers: list[Any], decided: str, slept: float) -> None:
    person = Person(*answers)
    assert paused(person) == (decided, slept)
    text, options = person.asked[0]
    assert text.startswith("Test soaks\n(ctrl+C then 'C'")
    assert options["seconds"] == 90


def test_pause_of_several_hosts_asks_nobody() -> None:
    person = Person()
    assert paused(person, is_shared=True) == ("", 89.5)


@pytest.mark.parametrize(
    ("answer", "typed"),
    [
        (b" Production \n", "Production"),
        (b"Pr\xc3\xbcfung", "Prüfung"),
        (b"\xff", "\ufffd"),
        (INTERRUPT, ""),
        (NO_TERMINAL, None),
    ],
)
def test_ask_returns_what_was_typed(answer: Any, typed: str | None) -> None:
    person = Person(answer)
    assert Terminal(person, Clock().runtime(), is_shared=False).ask_for_name("Production") == typed
    assert "Production" in person.asked[0][0]


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_show_marks_a_rehearsal_and_has_times_in_utc() -> None:
    lines: list[str] = []
    clock = Clock()
    terminal = Terminal(Person(), clock.runtime(report=lines.append), is_shared=False, mark="REHEARSAL  ")
    terminal.show(["One", "Two"])
    terminal.show(["Three"], timed=True)
    when = time.strftime("%H:%M:%S", time.gmtime(clock.wall()))
    assert lines == ["REHEARSAL  One", "REHEARSAL  Two", f"REHEARSAL  {when} UTC  Three"]
