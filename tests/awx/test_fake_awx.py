# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake is as strict as AWX: else it would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest
from awx_surveys import answer_errors, survey_error
from fake_awx import Awx
from guide import URL

TEXT = {"type": "text", "variable": "key", "question_name": "Key", "required": True, "min": 1, "max": 5}
CHOICE = {**TEXT, "type": "multiplechoice", "choices": ["a", "b"], "min": None, "max": None}


def send(awx: Awx, path: str, body: Any, method: str = "POST") -> tuple[int, Any]:
    return awx.answer(method, f"/api/v2/{path}", f"Bearer {awx.token}", body)


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        (TEXT, ""),
        ({name: value for name, value in TEXT.items() if name != "question_name"}, "'question_name' missing"),
        ({name: value for name, value in TEXT.items() if name != "variable"}, "'variable' missing"),
        ({**TEXT, "required": "yes"}, "'required' missing"),
        ({**TEXT, "type": "boolean"}, "'boolean' not allowed"),
        ({**TEXT, "label": "Key"}, "unknown 'label'"),
        ({**TEXT, "min": "1"}, "limit expected to be integer"),
        ({**TEXT, "min": 6}, "min is above max"),
        ({**TEXT, "default": "too long"}, "too large"),
        ({**TEXT, "type": "multiplechoice"}, "no choices"),
        ({**CHOICE, "default": "c"}, "expected to be one of"),
        (CHOICE, ""),
    ],
)
def test_a_question_is_taken_or_refused(question: dict[str, Any], wrong: str) -> None:
    error = survey_error({"name": "", "description": "", "spec": [question]})
    assert wrong in error if wrong else not error


def test_a_variable_is_asked_for_once() -> None:
    assert "duplicated" in survey_error({"name": "", "description": "", "spec": [TEXT, TEXT]})


@pytest.mark.parametrize(
    ("question", "answers", "wrong"),
    [
        (TEXT, {"key": "abc"}, ""),
        (TEXT, {}, "value missing"),
        (TEXT, {"key": ""}, "too small"),
        (TEXT, {"key": 5}, "expected to be text"),
        (CHOICE, {"key": "c"}, "expected to be one of"),
        ({**TEXT, "type": "integer"}, {"key": 6}, "too large"),
        ({**TEXT, "type": "integer"}, {"key": "5"}, "expected to be integer"),
        ({**CHOICE, "type": "multiselect"}, {"key": ["a", "c"]}, "expected to be one of"),
        ({**CHOICE, "type": "multiselect"}, {"key": "a"}, "expected to be multiselect"),
        ({**TEXT, "required": False}, {}, ""),
    ],
)
def test_an_answer_is_taken_or_refused(question: dict[str, Any], answers: dict[str, Any], wrong: str) -> None:
    errors = answer_errors(question, answers)
    assert wrong in errors[0] if wrong else not errors


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("projects/", {"organization": 1}, "name"),
        ("projects/", {"name": "p", "organisation": 1}, "organisation"),
        ("projects/", {"name": "p", "organization": 99}, "organization"),
        ("projects/", {"name": "p", "scm_type": "git"}, "scm_url"),
        ("projects/", {"name": "p", "scm_type": "cvs"}, "scm_type"),
        ("projects/", {"name": "p", "scm_update_on_launch": "yes"}, "scm_update_on_launch"),
        ("inventories/", {"name": "i"}, "organization"),
        ("job_templates/", {"name": "j"}, "project"),
        ("credential_types/", {"name": "c", "kind": "vault"}, "kind"),
        ("credential_types/", {"name": "c", "kind": "cloud", "inputs": {"fields": [{"id": "a"}]}}, "inputs"),
        ("credential_types/", {"name": "c", "kind": "cloud", "injectors": {"env": {"ANSIBLE_X": "1"}}}, "injectors"),
        ("credential_types/", {"name": "c", "kind": "cloud", "injectors": {"env": {"X": "{{ a }}"}}}, "injectors"),
        ("organizations/", {"name": "Default"}, "__all__"),
    ],
)
def test_a_body_is_refused(awx: Awx, path: str, body: dict[str, Any], field: str) -> None:
    status, answer = send(awx, path, body)
    assert (status, list(answer)) == (400, [field])


def test_a_stranger_sees_nothing(awx: Awx) -> None:
    assert awx.answer("GET", "/api/v2/organizations/", "Bearer wrong", {})[0] == 401


def test_a_filter_by_an_unknown_field_is_refused(awx: Awx) -> None:
    assert send(awx, "organizations/?nmae=Default", {}, "GET")[0] == 400


def test_a_playbook_has_to_be_in_the_project(awx: Awx) -> None:
    project = send(awx, "projects/", {"name": "p", "scm_type": "git", "scm_url": URL})[1]["id"]
    inventory = send(awx, "inventories/", {"name": "i", "organization": 1})[1]["id"]
    template = {"name": "t", "project": project, "inventory": inventory, "playbook": "nowhere.yml"}
    assert send(awx, "job_templates/", template) == (400, {"playbook": ["Playbook not found for project."]})
    assert send(awx, "job_templates/", {**template, "playbook": "release.yml"})[0] == 201


def test_nodes_make_no_circle(awx: Awx) -> None:
    workflow = send(awx, "workflow_job_templates/", {"name": "w"})[1]["id"]
    nodes = [
        send(awx, "workflow_job_template_nodes/", {"identifier": name, "workflow_job_template": workflow})[1]["id"]
        for name in ("one", "two")
    ]
    assert send(awx, f"workflow_job_template_nodes/{nodes[0]}/success_nodes/", {"id": nodes[1]})[0] == 204
    assert send(awx, f"workflow_job_template_nodes/{nodes[0]}/failure_nodes/", {"id": nodes[1]})[0] == 400
    assert send(awx, f"workflow_job_template_nodes/{nodes[1]}/success_nodes/", {"id": nodes[0]})[0] == 400
