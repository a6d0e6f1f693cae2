# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a sequence asks to be done next. Whoever carries an action out answers with plain data, as each class says."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Read:
    """Read the release; with `attach`, attach the flag to its pipeline first if it is not in one. Answer: the module's result."""

    attach: bool = False


@dataclass(frozen=True)
class MakePlan:
    """Make the plan for the release that was read. Answer: the plan, or a dictionary with `error`."""


@dataclass(frozen=True)
class Show:
    """Show lines to the person who watches. Answer: None."""

    lines: tuple[str, ...]
    timed: bool = False


@dataclass(frozen=True)
class Operate:
    """Run one of the collection's modules. Answer: its result."""

    module: str
    options: dict[str, t.Any]


@dataclass(frozen=True)
class Measure:
    """Measure a preset check. Its texts are filled in for this phase by whoever measures. Answer: a measurement."""

    step: int
    check: int


@dataclass(frozen=True)
class Send:
    """Send one of the role's own notices, such as `slack`. Answer: a module's result."""

    name: str
    event: dict[str, t.Any]


@dataclass(frozen=True)
class Pause:
    """Pause for some seconds. Answer: what a person at the terminal has decided, `aborted` (the run) or `cut_short` (the wait)."""

    seconds: float
    why: str


@dataclass(frozen=True)
class Ask:
    """Ask the person at the terminal to type the name of a phase. Answer: the text, None without a terminal."""

    title: str


@dataclass(frozen=True)
class WriteReport:
    """Write the files of the report. Answer: `paths`, `publish` (the user's task files), `approvals` and `warnings`."""

    release: dict[str, t.Any] | None


@dataclass(frozen=True)
class RunTaskFile:
    """Run a task file of the user's. Answer: empty, or `failed`, `msg`, `inconclusive`, and what the task that failed returned."""

    path: str
    name: str
    purpose: str
    phase: dict[str, t.Any] | None = None
    event: dict[str, t.Any] | None = None
    report_paths: dict[str, t.Any] = field(default_factory=dict)
    # A notice, or what publishes a report: an unreachable host there must not end the run.
    is_aside: bool = False


@dataclass(frozen=True)
class Planned:
    """The plan was shown, and nothing was done yet: the caller may return, and continue later."""


@dataclass(frozen=True)
class Done:
    """The run is over."""


Action = t.Union[Read, MakePlan, Show, Operate, Measure, Send, Pause, Ask, WriteReport, RunTaskFile, Planned, Done]
