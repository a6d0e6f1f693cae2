# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The sentences of a run: where it is, why it ended, what to do next. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration, plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import approval as approval_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import approval_from_result
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import phase_of

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

# A name without a character that the shell, Ansible or a list of names would read; any other phase is named by its ID.
_EASY_NAME = re.compile(r"[\w.-]+( [\w.-]+)*")

RERUN = "Rerun the same command to resume."


def where(record: Mapping[str, t.Any], step: Step) -> str:
    environments = f" ({', '.join(step['environments'])})" if step["environments"] else ""
    return plain(f"Release {record['project_key']}/{record['flag_key']}, phase '{step['phase']}'{environments}")


def sentence(text: t.Any) -> str:
    said = plain(text).strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def standing(record: Mapping[str, t.Any], step: Step, *, knows_status: bool = True) -> str:
    """What a stopped run leaves behind; an undo adds its own sentences when it is done."""
    left = " and nothing was rolled back" if record["on_failure"] == "stop" else ""
    status = phase_of(record, step["phase_id"])["status"]
    # Not started is what the plan saw; the phase before it has been completed since.
    said = f" The phase is {status}." if knows_status and status != "not_started" else ""
    return f"{said} No further phase is started{left}."


def confirmation(record: Record, step: Step) -> str:
    """As the shell, Ansible's -e and the list of names all take it: Ansible splits at blanks that are not in quotes of its own."""
    is_one = [phase["phase"] for phase in record["phases"]].count(step["phase"]) == 1
    value = step["phase"] if is_one and _EASY_NAME.fullmatch(step["phase"]) else plain(step["phase_id"])
    return f"\"release_confirmed='{value}'\"" if " " in value else f"'release_confirmed={value}'"


def remedy(step: Step, code: str | None) -> str:
    """What to do about a start or a wait that failed."""
    if code in ("approval_declined", "approval_required"):
        return " Settle that, then rerun the same command to resume."
    if code == "approval_timeout":
        return " Rerun the same command to continue waiting."
    if code != "wait_timeout":
        return " Fix the cause, then rerun the same command to resume."
    hint = " If the last phase stays active in this account, set release_final_status: active."
    is_shown = step["is_last"] and step["wait_for"] == "completed"
    return " Rerun the same command to continue waiting." + (hint if is_shown else "")


def asked(approvals: Iterable[Mapping[str, t.Any]]) -> str:
    """Who was asked, since when, and where a person answers, in the modules' words."""
    return plain(approval_rules.describe(approval_from_result(item) for item in approvals))


def summary(record: Mapping[str, t.Any]) -> list[str]:
    """What was done, one line a phase."""
    lines = []
    for phase in record["phases"]:
        took = f" in {duration(phase['seconds'])}" if phase["seconds"] is not None else ""
        checks = "".join(f"; check {check['name']} {check['verdict']}" for check in phase["checks"])
        done = "skipped" if phase["would"] == "skip" else phase["action"] or "not reached"
        lines.append(plain(f"{phase['phase']}: {done}, now {phase['status']}{took}{checks}"))
    return lines


def in_one_line(record: Mapping[str, t.Any]) -> str:
    """How a run ended, and which phases it did something about."""
    if not record:
        return "not needed"
    reason = f" ({record['reason']})" if record["reason"] else ""
    done = [
        f"{phase['phase']} {phase['action']}" for phase in record["phases"] if phase["action"] not in (None, "none")
    ]
    return plain(f"{record['state']}{reason}; {', '.join(done) or 'nothing changed'}")
