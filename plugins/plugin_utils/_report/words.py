# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Single facts of a report as words for people. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration

if t.TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Badge:
    """How something went, in a word; `mood` is good, bad, open or neutral."""

    text: str
    mood: str

    kind: t.ClassVar[str] = "badge"


_STATES = {
    "planned": ("Planned", "neutral"),
    "completed": ("Completed", "good"),
    "stopped": ("Stopped", "open"),
    "waiting": ("Waiting", "open"),
    "failed": ("Failed", "bad"),
    "not_started": ("Not started", "neutral"),
    "ready_to_start": ("Ready to start", "neutral"),
    "under_way": ("Under way", "open"),
    "active": ("Active", "open"),
    "paused": ("Paused", "bad"),
    "reverted": ("Reverted", "bad"),
    "blocked": ("Blocked", "bad"),
    "canceled": ("Canceled", "bad"),
    "no_release": ("No release", "neutral"),
    "passed": ("Passed", "good"),
    "inconclusive": ("Inconclusive", "bad"),
    "approved": ("Approved", "good"),
    "declined": ("Declined", "bad"),
    "pending": ("Pending", "open"),
    "scheduled": ("Scheduled", "open"),
}


def badge(word: t.Any) -> Badge:
    """A word that LaunchDarkly has introduced since is shown as it is."""
    text, mood = _STATES.get(str(word), (str(word or "unknown").replace("_", " ").capitalize(), "neutral"))
    return Badge(text, mood)


def is_web_address(url: t.Any) -> bool:
    """Whether a page may link to it. Another scheme could be a script."""
    return re.match(r"https?://[^\s<>\"]+\Z", str(url or ""), re.IGNORECASE) is not None


def took(seconds: float) -> str:
    """A length of time; below a second with a decimal."""
    return duration(seconds) if seconds >= 1 or seconds <= 0 else f"{seconds:.1f}s"


def day_and_time(iso: str) -> tuple[str, str]:
    """2026-10-26T06:13:20.000Z as the day and the time of day, in UTC."""
    found = re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)", iso)
    return (found[1], f"{found[2]} UTC") if found else (iso, "")


def clock(iso: str) -> str:
    return " ".join(day_and_time(iso)).strip()


def strategy(word: str) -> str:
    """LaunchDarkly says guarded rollout everywhere but in this field."""
    return "guarded rollout" if word == "monitored-release" else re.sub("[-_]", " ", word)


def actor(who: Mapping[str, t.Any] | None) -> str:
    """Ada Lovelace (member, ada@example.com)."""
    if not who:
        return ""
    named = who.get("name") or who.get("email") or who.get("id") or "unknown"
    more = ", ".join(str(item) for item in (who.get("kind"), who.get("email")) if item and item != named)
    return f"{named} ({more})" if more else str(named)


def request_number(item: Mapping[str, t.Any]) -> str | None:
    """What people call an approval request. LaunchDarkly's ID means nothing in another service, whose link mostly has the number."""
    if item["service_kind"] in (None, "launchdarkly"):
        return str(item["id"])
    found = re.search(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]+-?\d+(?![A-Za-z0-9])", str(item["link"] or ""))
    return found[0] if found else None


_INTENTS = {"skip": "would be skipped", "resume": "would be resumed", "start": "would be started"}
_ACTIONS = {"started": "started", "resumed": "resumed", "adopted": "adopted, started by others"}


def action(phase: Mapping[str, t.Any], *, is_planned: bool) -> str:
    """What the run did about a phase."""
    if not phase["in_run"]:
        return "not in this run"
    intent = _INTENTS.get(phase["would"], "left alone")
    if is_planned:
        return intent
    if phase["action"] in (None, "none"):
        return "skipped, already complete" if phase["would"] == "skip" else f"not reached, {intent}"
    return _ACTIONS.get(phase["action"], str(phase["action"]))


_SYSTEMS = {
    "awx": "AWX job",
    "github_actions": "GitHub Actions run",
    "gitlab_ci": "GitLab CI job",
    "jenkins": "Jenkins build",
}


def job(ran_by: Mapping[str, t.Any]) -> str:
    """AWX job 42."""
    system = _SYSTEMS.get(ran_by["system"], ran_by["system"])
    return f"{system} {ran_by['job'] or ''}".strip()
