# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role's own notices post: readable, within the limits of the services, and without markup of other people's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import notice_bodies as bodies
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import NOTICES

FLAG = "https://app.launchdarkly.com/shop/production/features/cart"
APPROVAL = "https://app.launchdarkly.com/approvals/1"
JOB = "https://awx.example.com/#/jobs/playbook/42"
# Teams takes 28 KB.
TEAMS_BYTES = 28 * 1024


def event(**changes: Any) -> dict[str, Any]:
    return {
        "event": "approval_pending",
        "at": "2026-10-26T07:33:20.000000Z",
        "project_key": "shop",
        "flag_key": "cart",
        "phase": "Production",
        "environments": ["production", "eu"],
        "status": "active",
        "started_at": None,
        "completed_at": None,
        "waits_until": None,
        "state": "running",
        "reason": "approval",
        "error_code": None,
        "message": "approval in production pending",
        "check": None,
        "flag_link": FLAG,
        "ran_by": {"system": "awx", "job": "42", "user": "ada", "link": JOB},
        "links": [APPROVAL],
        **changes,
    }


def texts(node: Any) -> Iterator[str]:
    """Every text that a message holds."""
    if isinstance(node, dict):
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        yield from texts(item)
    if isinstance(node, str):
        yield node


def card(body: dict[str, Any]) -> dict[str, Any]:
    (attachment,) = body["attachments"]
    content: dict[str, Any] = attachment["content"]
    return content


def shown(body: dict[str, Any]) -> list[str]:
    """The lines of a card."""
    return ["".join(run["text"] for run in block["inlines"]) for block in card(body)["body"]]


def test_slack_message_has_blocks_and_links() -> None:
    message = bodies.slack_message(event())
    assert message["text"].startswith("shop/cart, phase Production (production, eu): approval pending")
    assert [block["text"]["text"] for block in message["blocks"]] == [
        "shop/cart: approval pending",
        "Phase: Production\nEnvironments: production, eu\nStatus: active",
        "approval in production pending",
        f"<{FLAG}|Open the flag> | <{APPROVAL}|Answer the approval> | <{JOB}|Open the AWX job>",
    ]
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "section", "section"]


def test_teams_card_has_lines_and_links() -> None:
    body = bodies.teams_message(event())
    assert shown(body) == [
        "shop/cart: approval pending",
        "Phase: Production",
        "Environments: production, eu",
        "Status: active",
        "approval in production pending",
    ]
    assert [(action["title"], action["url"]) for action in card(body)["actions"]] == [
        ("Open the flag", FLAG),
        ("Answer the approval", APPROVAL),
        ("Open the AWX job", JOB),
    ]
    assert (body["type"], card(body)["type"], card(body)["version"]) == ("message", "AdaptiveCard", "1.4")


def test_message_of_a_run_without_a_plan_has_no_empty_part() -> None:
    bare = event(
        event="failed", phase=None, environments=[], status=None, message=None, links=[], flag_link=None, ran_by=None
    )
    assert [block["text"]["text"] for block in bodies.slack_message(bare)["blocks"]] == ["\u2718 shop/cart: failed"]
    assert shown(bodies.teams_message(bare)) == ["\u2718 shop/cart: failed"]
    assert card(bodies.teams_message(bare))["actions"] == []


def test_message_of_a_check_has_its_measurement() -> None:
    checked = event(event="check_failed", check={"name": "errors", "verdict": "failed", "detail": "0.4 < 0.2"})
    assert "Check: errors: 0.4 &lt; 0.2" in bodies.slack_message(checked)["blocks"][1]["text"]["text"]
    assert "Check: errors: 0.4 < 0.2" in shown(bodies.teams_message(checked))


def test_slack_message_mentions_nobody_and_hides_no_link() -> None:
    attack = "<!channel> <https://evil.example.com|the flag> & more\u202e\nline"
    message = bodies.slack_message(event(phase=attack, message=attack, environments=[attack]))
    for block in message["blocks"][1:3]:
        assert "<" not in block["text"]["text"]
        assert block["text"]["verbatim"] is True
    assert "\u202e" not in json.dumps(message, ensure_ascii=False)


def test_teams_card_shows_names_in_text_runs_only() -> None:
    """Markdown counts in a TextBlock and in facts, and not in a TextRun."""
    body = bodies.teams_message(event(phase="[the flag](https://evil.example.com)", message="<at>all</at>"))
    assert {block["type"] for block in card(body)["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card(body)["body"] for run in block["inlines"]} == {"TextRun"}


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://x.example.com/|Open the flag>",
        "https://x.example.com/ y",
        "https://x.example.com/" + "a" * 1000,
        "",
        None,
    ],
)
def test_message_leaves_out_what_is_no_web_address(link: str | None) -> None:
    given = event(flag_link=link, links=[], ran_by={"system": "jenkins", "job": None, "user": None, "link": link})
    assert card(bodies.teams_message(given))["actions"] == []
    assert [text for text in texts(bodies.slack_message(given)) if "Open the" in text] == []


@pytest.mark.parametrize("character", ["a", "&", "\u00e4", "\U0001f600", '"'])
def test_message_stays_within_the_limits(character: str) -> None:
    long = character * 9000
    link = "https://x.example.com/" + "a" * 978
    given = event(
        project_key=long,
        flag_key=long,
        phase=long,
        environments=[long] * 3,
        status=long,
        waits_until=long,
        message=long,
        check={"name": long, "verdict": long, "detail": long},
        links=[f"{link[:-1]}{number}" for number in range(9)],
        flag_link=link,
        ran_by={"system": "awx", "job": long, "user": long, "link": link},
    )
    slack = bodies.slack_message(given)
    header, *sections = (block["text"]["text"] for block in slack["blocks"])
    assert len(header) <= 150
    # The links are ours, and each is whole.
    assert [len(text) <= 3000 for text in sections[:2]] == [True, True]
    assert len(slack["text"]) <= 3000
    assert len(json.dumps(bodies.teams_message(given)).encode()) <= TEAMS_BYTES


def test_slack_text_is_cut_between_escaped_characters() -> None:
    section = bodies.slack_message(event(message="&" * 9000))["blocks"][2]["text"]["text"]
    assert section.replace("&amp;", "") == "\u2026"
    assert len(section) > 2900


@pytest.mark.parametrize("name", NOTICES)
def test_body_is_plain_json_for_each_notice(name: str) -> None:
    body = bodies.body(name, event())
    assert json.loads(json.dumps(body)) == body


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no answer from https://hooks.example.com/T0/very-secret", "no answer from (its address)"),
        ("cannot contain control characters: '/T0/very-secret'", "cannot contain control characters: '(its address)'"),
        ("status 503", "status 503"),
    ],
)
def test_failure_does_not_show_the_address(said: str, shown: str) -> None:
    assert bodies.without_address(said, "https://hooks.example.com/T0/very-secret") == shown


@pytest.mark.parametrize("address", ["", "https://hooks.example.com", "https://hooks.example.com/", "not an address"])
def test_failure_stays_readable_without_a_path(address: str) -> None:
    assert bodies.without_address("a / b", address) == "a / b"
