# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the role's own notices post: an event as the service at the other end takes it. Pure.

Names in an event are other people's words. Slack gets them with its three special characters escaped; Teams gets them in text runs,
in which nothing is markup.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.notices import chat_text

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Event = t.Mapping[str, t.Any]
Body = dict[str, t.Any]

# Slack refuses a message with a longer header or section; of the fallback text it recommends less than 4000 characters.
SLACK_HEADER = 150
SLACK_SECTION = 3000
# Teams refuses a message of more than 28 KB. JSON writes some characters with twelve.
TEAMS_MESSAGE = 1000
TEAMS_FACT = 100
# A longer one is left out. A phase may have an approval in each of many environments.
LONGEST_LINK = 1000
MOST_APPROVAL_LINKS = 3

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS = {"completed": "\u2714", "check_passed": "\u2714", "failed": "\u2718", "check_failed": "\u2718"}
_COLORS = {
    "completed": "Good",
    "check_passed": "Good",
    "failed": "Attention",
    "check_failed": "Attention",
    "approval_pending": "Warning",
    "stopped": "Warning",
    "undone": "Warning",
}
_SYSTEMS = {
    "awx": "AWX job",
    "github_actions": "GitHub Actions run",
    "gitlab_ci": "GitLab CI job",
    "jenkins": "Jenkins build",
}


def body(name: str, event: Event) -> Body:
    """What the notice of this name posts, as JSON."""
    return _BODIES[name](event)


def slack_message(event: Event) -> Body:
    blocks: list[Body] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(_title(event), SLACK_HEADER), "emoji": False}}
    ]
    facts = "\n".join(f"{name}: {value}" for name, value in _facts(event))
    links = " | ".join(f"<{_slack_escaped(link)}|{label}>" for label, link in _links(event))
    texts = (_slack_text(facts), _slack_text(_message(event)), links)
    blocks += [
        {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}} for text in texts if text
    ]
    return {"text": _cut_escaped(chat_text(event), SLACK_SECTION), "blocks": blocks}


def teams_message(event: Event) -> Body:
    title = {"text": _cut(_title(event), TEAMS_FACT), "size": "Large", "weight": "Bolder"}
    lines = [_run(**title, color=_COLORS.get(event["event"], "Default"))]
    lines += [_run(text=f"{name}: ", weight="Bolder", then=_cut(value, TEAMS_FACT)) for name, value in _facts(event)]
    if message := _message(event):
        lines.append(_run(text=_cut(message, TEAMS_MESSAGE)))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": lines,
        "actions": [{"type": "Action.OpenUrl", "title": label, "url": link} for label, link in _links(event)],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def without_address(text: str, address: str) -> str:
    """What is said of a notice that failed. Its address is a secret, and some errors name only the path."""
    parts = urlsplit(address)
    path = address.partition(parts.netloc)[2] if parts.netloc else ""
    for secret in (address, address.strip(), path, path.strip()):
        if len(secret) > 1:
            text = text.replace(secret, "(its address)")
    return text


_BODIES: dict[str, Callable[[Event], Body]] = {
    "webhook": dict,
    "chat": lambda event: {"text": chat_text(event)},
    "slack": slack_message,
    "teams": teams_message,
}


def _title(event: Event) -> str:
    mark = _MARKS.get(event["event"], "")
    what = f"{event['project_key']}/{event['flag_key']}: {event['event'].replace('_', ' ')}"
    return plain(f"{mark} {what}".strip())


def _facts(event: Event) -> Iterator[tuple[str, str]]:
    found = {
        "Phase": event["phase"],
        "Environments": ", ".join(event["environments"]),
        "Status": event["status"],
        "Check": event["check"] and f"{event['check']['name']}: {event['check']['detail']}",
        "Waits until": event["waits_until"],
    }
    yield from ((name, plain(value)) for name, value in found.items() if value)


def _message(event: Event) -> str:
    return plain(event["message"] or "")


def _links(event: Event) -> Iterator[tuple[str, str]]:
    approvals = event["links"][:MOST_APPROVAL_LINKS]
    job = event["ran_by"] or {}
    found = [
        ("Open the flag", event["flag_link"]),
        *(("Answer the approval", link) for link in approvals),
        (f"Open the {_SYSTEMS.get(job.get('system', ''), 'job')}", job.get("link")),
    ]
    yield from ((label, link) for label, link in found if _is_web_address(link))


def _is_web_address(link: t.Any) -> bool:
    """Another scheme could be a script, and some characters would end a link of Slack's."""
    return len(str(link)) <= LONGEST_LINK and re.fullmatch(r"https?://[^\s<>|\"]+", str(link)) is not None


def _run(*, then: str = "", **how: t.Any) -> Body:
    runs = [{"type": "TextRun", **how}, *([{"type": "TextRun", "text": then}] if then else [])]
    return {"type": "RichTextBlock", "inlines": runs}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}\u2026"


def _slack_escaped(text: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in text)


def _slack_text(text: str) -> str:
    """Escaped, and cut without leaving half of an escaped character."""
    written = _slack_escaped(text)
    while len(written) > SLACK_SECTION:
        text = _cut(text, len(text) - max(1, (len(written) - SLACK_SECTION) // 5))
        written = _slack_escaped(text)
    return written


def _cut_escaped(text: str, limit: int) -> str:
    """A text that is escaped already."""
    return text if len(text) <= limit else f"{re.sub('&[a-z]*$', '', text[: limit - 1])}\u2026"
