# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake answers requests as AWX does: lookups, lists, projects, workflows and launches."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import APPROVALS, NODES
from ansible_collections.flagops.launchdarkly.tests.awx.guide import URL

Send = Callable[..., tuple[int, Any]]
NOT_FOUND = {"playbook": ["Playbook not found for project."]}
QUESTION = {"type": "text", "variable": "key", "question_name": "Key", "required": True}


@pytest.fixture
def template(send: Send) -> dict[str, Any]:
    """The body of a job template whose project was fetched."""
    project = send("projects/", {"name": "p", "scm_type": "git", "scm_url": URL, "organization": 1})[1]["id"]
    inventory = send("inventories/", {"name": "i", "organization": 1})[1]["id"]
    return {"name": "t", "project": project, "inventory": inventory, "playbook": "release.yml"}


def test_request_without_the_token_is_refused(awx: Awx) -> None:
    assert awx.answer("GET", "/api/v2/organizations/", "Bearer wrong", {})[0] == 401


def test_request_for_what_is_not_there(awx: Awx, send: Send) -> None:
    assert send("job_templates/99/", None, "GET") == (404, {"detail": "No JobTemplate matches the given query."})
    request = urllib.request.Request(f"{awx.url}/api/v2/nowhere/", headers={"Authorization": f"Bearer {awx.token}"})  # noqa: S310  our own
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request)  # noqa: S310  our own
    assert (error.value.code, error.value.headers["Content-Type"]) == (404, "text/html")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("nmae=Default", "has no field named 'nmae'"),
        ("name__nope=x", "No related model for field nope."),
        ("organization__nope=x", "No related model for field nope."),
    ],
)
def test_lookup_by_an_unknown_field_is_refused(send: Send, query: str, said: str) -> None:
    status, answer = send(f"projects/?{query}", None, "GET")
    assert (status, said in answer["detail"]) == (400, True)


def test_lookup_finds_by_the_name_of_what_is_referred_to(awx: Awx, send: Send) -> None:
    other = awx.add("organizations", {"name": "Other"})["id"]
    for organization in (1, other):
        send("inventories/", {"name": "i", "organization": organization})
    (found,) = send("inventories/?name=i&organization__name=Other", None, "GET")[1]["results"]
    assert found["organization"] == other


def test_list_is_ordered_by_name(send: Send) -> None:
    for name in ("b", "c", "a"):
        send("inventories/", {"name": name, "organization": 1})
    assert [item["name"] for item in send("inventories/", None, "GET")[1]["results"]] == ["a", "b", "c"]


def test_list_of_approvals_does_not_exist(send: Send) -> None:
    assert send(f"{APPROVALS}/", None, "GET")[0] == 404
    assert send(f"{APPROVALS}/", {"name": "a"})[0] == 404


def test_project_has_the_playbooks_of_its_last_good_fetch(awx: Awx, send: Send, template: dict[str, Any]) -> None:
    late = {**template, "playbook": "late.yml"}
    awx.repositories[URL] = ["release.yml", "late.yml"]
    assert send("job_templates/", late) == (400, NOT_FOUND)
    assert send(f"projects/{late['project']}/update/", {})[0] == 202
    assert send("job_templates/", late)[0] == 201
    del awx.repositories[URL]
    send(f"projects/{late['project']}/update/", {})
    assert awx.items["projects"][late["project"]]["status"] == "failed"
    assert send("job_templates/", {**late, "name": "another"})[0] == 201


def test_project_that_was_never_fetched_has_no_playbooks(send: Send, template: dict[str, Any]) -> None:
    other = send("projects/", {"name": "q", "scm_type": "git", "scm_url": f"{URL}/other", "organization": 1})[1]["id"]
    assert send("job_templates/", {**template, "project": other}) == (400, NOT_FOUND)


@pytest.mark.parametrize(
    ("changes", "is_fetched"),
    [
        ({"description": "Other"}, False),
        ({"scm_url": URL}, False),
        ({"credential": None}, False),
        ({"scm_branch": "main"}, True),
    ],
)
def test_project_is_fetched_where_its_source_changed(
    send: Send, template: dict[str, Any], changes: dict[str, Any], is_fetched: bool
) -> None:
    shown = send(f"projects/{template['project']}/", changes, "PATCH")[1]
    assert ("current_update" in shown["summary_fields"]) == is_fetched


def test_project_in_a_folder_is_never_fetched(awx: Awx, send: Send) -> None:
    awx.repositories["folder"] = ["release.yml"]
    made = send("projects/", {"name": "m", "local_path": "folder", "organization": 1})[1]
    assert "current_update" not in made["summary_fields"]
    assert send(f"projects/{made['id']}/update/", {})[0] == 405
    assert send(f"projects/{made['id']}/playbooks/", None, "GET") == (200, ["release.yml"])


def test_template_has_one_credential_of_a_type(awx: Awx, send: Send, template: dict[str, Any]) -> None:
    made = send("job_templates/", template)[1]["id"]
    type_ = awx.add("credential_types", {"name": "Kind", "kind": "cloud"})["id"]
    one, two = (
        send("credentials/", {"name": name, "organization": 1, "credential_type": type_})[1]["id"] for name in "ab"
    )
    assert send(f"job_templates/{made}/credentials/", {"id": one})[0] == 204
    refused = (400, {"error": "Cannot assign multiple Kind credentials."})
    assert send(f"job_templates/{made}/credentials/", {"id": two}) == refused
    assert send(f"job_templates/{made}/credentials/", {"id": one}) == refused


def test_template_loses_what_is_taken_out_once_or_twice(awx: Awx, send: Send) -> None:
    notification = awx.add("notification_templates", {"name": "n", "organization": 1})["id"]
    workflow = send("workflow_job_templates/", {"name": "w"})[1]["id"]
    path = f"workflow_job_templates/{workflow}/notification_templates_error/"
    assert send(path, {"id": notification})[0] == 204
    for _twice in range(2):
        assert send(path, {"id": notification, "disassociate": True})[0] == 204
    assert send(path, None, "GET")[1]["count"] == 0


@pytest.fixture
def nodes(send: Send) -> list[int]:
    workflow = send("workflow_job_templates/", {"name": "w"})[1]["id"]
    return [
        send(f"{NODES}/", {"identifier": name, "workflow_job_template": workflow})[1]["id"] for name in ("one", "two")
    ]


def test_workflow_has_no_cycle(send: Send, nodes: list[int]) -> None:
    one, two = nodes
    assert send(f"{NODES}/{one}/success_nodes/", {"id": two})[0] == 204
    assert send(f"{NODES}/{one}/failure_nodes/", {"id": two}) == (400, {"Error": "Relationship not allowed."})
    assert send(f"{NODES}/{two}/success_nodes/", {"id": one}) == (400, {"Error": "Cycle detected."})


def test_workflow_has_no_link_to_another(send: Send, nodes: list[int]) -> None:
    other = send("workflow_job_templates/", {"name": "other"})[1]["id"]
    node = send(f"{NODES}/", {"workflow_job_template": other})[1]
    assert len(node["identifier"]) == 36
    assert send(f"{NODES}/{nodes[0]}/success_nodes/", {"id": node["id"]})[0] == 403


def test_workflow_forgets_the_links_to_a_deleted_node(send: Send, nodes: list[int]) -> None:
    one, two = nodes
    send(f"{NODES}/{one}/success_nodes/", {"id": two})
    assert send(f"{NODES}/{two}/", None, "DELETE")[0] == 204
    assert send(f"{NODES}/{one}/success_nodes/", None, "GET")[1]["results"] == []


def test_workflow_node_has_one_approval(send: Send, nodes: list[int]) -> None:
    path = f"{NODES}/{nodes[0]}/create_approval_template/"
    first, second = (send(path, {"name": name})[1]["id"] for name in ("first", "second"))
    assert send(f"{APPROVALS}/{first}/", None, "GET")[0] == 404
    assert send(f"{APPROVALS}/{second}/", None, "GET")[1]["name"] == "second"
    assert send(f"{NODES}/{nodes[0]}/", None, "GET")[1]["unified_job_template"] == second


@pytest.mark.parametrize(
    ("extra_vars", "status", "said"),
    [
        ({"key": "a"}, 201, ""),
        ('{"key": "a"}', 201, ""),
        ("key: a", 201, ""),
        ("key: [", 400, "Cannot parse as JSON (error: "),
        (None, 400, "This field may not be null."),
        (["key"], 400, "Cannot parse as JSON (error: "),
    ],
)
@pytest.mark.parametrize("kind", ["job_templates", "workflow_job_templates"])
def test_launch_takes_variables_as_data_json_or_yaml(
    send: Send, template: dict[str, Any], kind: str, extra_vars: Any, status: int, said: str
) -> None:
    made = surveyed(send, kind, template)
    answer = send(f"{kind}/{made}/launch/", {"extra_vars": extra_vars})
    assert answer[0] == status
    if said:
        assert said in answer[1]["extra_vars"][0]


def test_launch_of_a_job_ignores_what_is_not_asked_for(send: Send, template: dict[str, Any]) -> None:
    made = surveyed(send, "job_templates", template)
    given = {"key": "a", "stray": 1, "same": "template"}
    status, job = send(f"job_templates/{made}/launch/", {"extra_vars": given, "limit": "x", "unknown": 1})
    assert (status, job["ignored_fields"]) == (201, {"extra_vars": {"stray": 1}, "limit": "x"})
    assert json.loads(job["extra_vars"]) == {"key": "a", "same": "template"}


def test_launch_of_a_workflow_refuses_what_is_not_asked_for(send: Send, template: dict[str, Any]) -> None:
    made = surveyed(send, "workflow_job_templates", template)
    body = {"extra_vars": {"key": "a", "release_until": "Test", "same": "template"}}
    status, answer = send(f"workflow_job_templates/{made}/launch/", body)
    assert (status, list(answer)) == (400, ["extra_vars"])
    assert answer["extra_vars"][0].startswith("Variables release_until are not allowed on launch.")


def surveyed(send: Send, kind: str, template: dict[str, Any]) -> int:
    """One of that kind with a question, and a variable of its own."""
    body = template if kind == "job_templates" else {"name": "w"}
    made = send(f"{kind}/", {**body, "extra_vars": "same: template", "survey_enabled": True})[1]["id"]
    assert send(f"{kind}/{made}/survey_spec/", {"name": "", "description": "", "spec": [QUESTION]}) == (200, None)
    return int(made)
