# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Notices: what each event of a run says. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.messages import asked
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import phase_of

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Step

# Every event, in the order of a run; the last four are its end.
EVENTS = (
    "planned",
    "started",
    "approval_pending",
    "check_passed",
    "check_failed",
    "undone",
    "completed",
    "waiting",
    "stopped",
    "failed",
)


def event(record: Mapping[str, t.Any], name: str, now: str, step: Step | None = None) -> dict[str, t.Any]:
    """What a notice is called with; without a step it is about the phase that the run ended in, if it ended in one."""
    if name not in EVENTS:
        raise ValueError(name)
    phase = phase_of(record, step["phase_id"] if step else record["ended_in"])
    turned_off = [entry["environment_key"] for entry in record["undone"] if entry["ok"]]
    pending = name == "approval_pending"
    return {
        "event": name,
        "at": now,
        "project_key": record["project_key"],
        "flag_key": record["flag_key"],
        "phase": phase.get("phase"),
        "environments": turned_off if name == "undone" else list(phase.get("environments", ())),
        "status": phase.get("status"),
        "started_at": phase.get("started_at"),
        "completed_at": phase.get("completed_at"),
        "waits_until": record["waits_until"],
        "state": record["state"],
        "reason": "approval" if pending else record["reason"],
        "error_code": record["error_code"],
        "message": asked(phase["approvals"]) if pending else record["message"],
        "check": _last_check(phase) if name in ("check_passed", "check_failed") else None,
        "flag_link": record["flag_link"],
        "ran_by": record["ran_by"],
        "links": list(dict.fromkeys(item["link"] for item in phase.get("approvals", ()) if item.get("link"))),
    }


def _last_check(phase: Mapping[str, t.Any]) -> dict[str, t.Any]:
    last = phase["checks"][-1]
    return {name: last[name] for name in ("name", "verdict", "detail")}


def chat_text(event: Mapping[str, t.Any]) -> str:
    """A notice as one line of chat."""
    where = f", phase {event['phase']}" if event["phase"] else ""
    environments = f" ({', '.join(event['environments'])})" if event["environments"] else ""
    check = f", check {event['check']['name']}: {event['check']['detail']}" if event["check"] else ""
    said = f": {event['message']}" if event["message"] else ""
    links = "".join(f" {link}" for link in event["links"] if link not in said)
    word = event["event"].replace("_", " ")
    return _chat_safe(
        plain(f"{event['project_key']}/{event['flag_key']}{where}{environments}: {word}{check}{said}{links}")
    )


def _chat_safe(text: str) -> str:
    """Slack reads these three: a name with <!channel> in it would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
