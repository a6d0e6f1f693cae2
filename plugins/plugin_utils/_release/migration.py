# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""From a release pipeline to the `release_environments` that do the same. Pure.

What cannot be carried over becomes a note. Nothing is guessed: where the pipeline does not say enough, an entry lacks what the role asks
for, and the role refuses it.
"""

from __future__ import annotations

import textwrap
import typing as t
from dataclasses import dataclass

import yaml

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.data import to_builtin
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import SMALLEST_LIKELY_ROLLOUT_WEIGHT
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    DEFAULT_UNIT,
    LARGEST_GUARDED_PERCENT,
    Strategy,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import EVERYBODY
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.values import LARGEST_NUMBER
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.text import escape_templates

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Json = dict[str, t.Any]

IMMEDIATE = "immediate-rollout"
# In LaunchDarkly's answers, and in its API description.
GUARDED = ("monitored-release", "monitoredRelease")

COMMENT_WIDTH = 100

_HEADER = """\
---
# What release pipeline '{key}' does, as variables of the role flagops.launchdarkly.release.
"""


@dataclass(frozen=True)
class _Entry:
    """An entry of `release_environments`, or only notes where there is none; `name` is what the notes begin with."""

    name: str
    options: Json | None
    notes: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        return [f"{self.name}: {note}" for note in self.notes]


def environments_of_pipeline(pipeline: Mapping[str, t.Any]) -> Json:
    """`release_environments`, the `notes` about what is not carried over, and both as `yaml`.

    `pipeline` is what ld_release_pipeline_info returns. Its texts are those of LaunchDarkly's users, and none becomes a template.
    """
    given = escape_templates(to_builtin(pipeline))
    taken: set[str] = set()
    entries = [*_legacy(given), *(entry for phase in given["phases"] for entry in _phase(phase, taken))]
    return {
        "release_environments": [entry.options for entry in entries if entry.options is not None],
        "notes": [line for entry in entries for line in entry.lines],
        "yaml": _render(plain(given["key"]), entries),
    }


def _legacy(pipeline: Json) -> Iterator[_Entry]:
    if pipeline.get("is_legacy"):
        note = (
            "in a legacy pipeline people change the flag, and mark the phases as complete. Each is printed as an immediate release to"
            " everybody in its environment."
        )
        yield _Entry(plain(pipeline["key"]), None, (note,))


def _phase(phase: Json, taken: set[str]) -> Iterator[_Entry]:
    name = _one_line(phase["name"]) or "Phase without a name"
    audiences = phase["audiences"]
    if len(audiences) == 1:
        yield _audience(audiences[0], name, taken)
        return
    note = (
        f"its {len(audiences)} audiences are printed as phases of their own, one after the other. Where release_phases, release_until"
        f" or release_confirmed name '{name}', use the new names."
        if audiences
        else "has no audience, so that LaunchDarkly completes it at once. It is left out."
    )
    yield _Entry(name, None, (note,))
    for number, audience in enumerate(audiences, 1):
        yield _audience(audience, f"{name} ({_one_line(audience['name']) or number})", taken)


def _one_line(name: str | None) -> str:
    """Without a comma, which separates names in `-e` and surveys."""
    return " ".join(plain(name or "").replace(",", " ").split())


def _audience(audience: Json, name: str, taken: set[str]) -> _Entry:
    environment = audience["environment_key"]
    if not environment:
        return _Entry(name, None, ("its environment was deleted. It is left out.",))
    name = _distinct(name, environment, taken)
    segments = audience["segment_keys"]
    options, notes = _strategy(audience)
    approval, approval_notes = _approval(audience)
    return _Entry(
        name,
        {
            "environment": environment,
            **({} if name == environment else {"name": name}),
            **({"segments": segments} if segments else {}),
            **options,
            **approval,
        },
        (*notes, *approval_notes),
    )


def _distinct(name: str, environment: str, taken: set[str]) -> str:
    """The role refuses two entries with the same name or ID."""
    number, tried = 1, name
    while taken & {tried, f"{environment}/{tried}"}:
        number += 1
        tried = f"{name} {number}"
    taken.update((tried, environment if tried == environment else f"{environment}/{tried}"))
    return tried


def _strategy(audience: Json) -> tuple[Json, list[str]]:
    word = audience["strategy"]
    if word == IMMEDIATE:
        return {}, []
    if word in GUARDED:
        return _guarded(audience["release_guardian_configuration"] or {})
    if not word:
        return {}, ["no strategy is configured. It is printed as an immediate release."]
    note = "this collection does not know its strategy. Choose one; the role refuses the entry until then."
    return {"strategy": f"unknown: {word}"}, [note]


def _guarded(configuration: Json) -> tuple[Json, list[str]]:
    weight, window = (configuration.get(name) for name in ("rollout_weight", "monitoring_window_milliseconds"))
    steps, notes = _steps(weight or 0, window or 0)
    unit = configuration.get("randomization_unit")
    options = {
        "strategy": Strategy.GUARDED.value,
        "steps": steps,
        **({"randomization_unit": unit} if unit and unit != DEFAULT_UNIT else {}),
        "metrics": [],
    }
    rollback = {
        True: " Give each auto_rollback: true, since the pipeline rolls back on a regression.",
        False: " Leave auto_rollback out, since the pipeline does not roll back on a regression.",
    }
    note = (
        "fill in metrics. LaunchDarkly documents no call that reads those of a pipeline, and the role refuses the entry until then."
        + rollback.get(t.cast("bool", configuration.get("rollback_on_regression")), "")
    )
    return options, [*notes, note]


def _steps(weight: int, window: int) -> tuple[list[Json], list[str]]:
    """One step: the share, held as long as the pipeline watches it."""
    if not (0 < weight <= EVERYBODY and 0 < window <= LARGEST_NUMBER * 1000):
        return [], [
            "fill in steps. The pipeline names no usable share or time, and the role refuses the entry until then."
        ]
    percent = weight * 100 / EVERYBODY
    notes = []
    if weight < SMALLEST_LIKELY_ROLLOUT_WEIGHT:
        notes.append(f"its share is {percent:g} %, very small. If {weight} % is meant, change percent.")
    if percent > LARGEST_GUARDED_PERCENT:
        notes.append(
            f"its share is {percent:g} %. A guarded release keeps a control group of the same size, so {LARGEST_GUARDED_PERCENT} % is"
            " printed."
        )
        percent = LARGEST_GUARDED_PERCENT
    return [{"percent": int(percent) if percent == int(percent) else percent, "duration": _duration(window)}], notes


def _duration(millis: int) -> str:
    """In the largest unit that leaves no rest, such as 90m."""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        if millis % size == 0:
            return f"{millis // size}{unit}"
    return f"{millis / 1000:.3f}".rstrip("0").rstrip(".") + "s"


def _approval(audience: Json) -> tuple[Json, list[str]]:
    if not audience["require_approval"]:
        return {}, []
    if audience["strategy"] not in ("", None, IMMEDIATE):
        note = (
            "its approval is not carried over: LaunchDarkly documents no approval request that starts a rollout. Use confirm: true in"
            " release_phases. Where the environment requires approvals, the token needs bypassRequiredApproval."
        )
        return {}, [note]
    notified = {name: audience.get(name) for name in ("notify_member_ids", "notify_team_keys")}
    note = (
        "an approval is requested only if the environment requires approvals. If it does not, change that in LaunchDarkly, or use"
        " confirm: true in release_phases."
    )
    return {"request_approval": True, **{name: keys for name, keys in notified.items() if keys}}, [note]


class _Dumper(yaml.SafeDumper):
    """Lists are indented, as linters expect."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  PyYAML passes it by name
        super().increase_indent(flow, False)


def _render(key: str, entries: Sequence[_Entry]) -> str:
    lines = [_HEADER.format(key=key)]
    has_entries = any(entry.options is not None for entry in entries)
    lines.append("release_environments:\n" if has_entries else "release_environments: []\n")
    for entry in entries:
        lines += [f"  {part}\n" for line in entry.lines for part in _comment(line)]
        if entry.options is not None:
            dumped = yaml.dump([entry.options], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
            lines.append(textwrap.indent(dumped, "  "))
    return "".join(lines)


def _comment(line: str) -> list[str]:
    return textwrap.wrap(line, COMMENT_WIDTH, initial_indent="# ", subsequent_indent="#   ")
