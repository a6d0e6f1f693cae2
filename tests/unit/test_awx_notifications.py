# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX posts to Teams: AWX fills in the body of a webhook, and then reads it as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

VARIABLES = Path(__file__).resolve().parents[2] / "playbooks" / "vars" / "awx_optional.yml"
SETTINGS: dict[str, Any] = yaml.safe_load(VARIABLES.read_text(encoding="utf-8").replace("!unsafe ", ""))
MESSAGES = SETTINGS["awx_teams_messages"]
BODIES = {"error": MESSAGES["error"], **MESSAGES["workflow_approval"]}
CONTEXT = {
    "job": {"id": 42, "name": 'A "job"\\', "status": "failed"},
    "job_friendly_name": "Workflow Job",
    "url": "https://awx.example.com/#/jobs/42",
    "approval_node_name": 'Start "it"?',
    "workflow_url": "https://awx.example.com/#/jobs/workflow/7",
}


@pytest.mark.parametrize(
    ("event", "text", "url"),
    [
        ("error", 'Workflow Job 42 A "job"\\: failed', CONTEXT["url"]),
        ("running", 'Approval needed: Start "it"?', CONTEXT["workflow_url"]),
        ("approved", 'Approved: Start "it"?', CONTEXT["workflow_url"]),
        ("timed_out", 'Approval timed out: Start "it"?', CONTEXT["workflow_url"]),
        ("denied", 'Denied: Start "it"?', CONTEXT["workflow_url"]),
    ],
)
def test_teams_gets_a_card_with_a_link(event: str, text: str, url: str) -> None:
    jinja = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    posted = json.loads(jinja.from_string(BODIES[event]["body"]).render(CONTEXT))
    (card,) = [attachment["content"] for attachment in posted["attachments"]]
    assert (posted["type"], card["type"]) == ("message", "AdaptiveCard")
    assert [block["text"] for block in card["body"]] == [text]
    assert [action["url"] for action in card["actions"]] == [url]


def test_teams_gets_no_news_of_what_started_or_succeeded() -> None:
    assert MESSAGES.keys() == {"started", "success", "error", "workflow_approval"}
    assert (MESSAGES["started"], MESSAGES["success"]) == (None, None)
