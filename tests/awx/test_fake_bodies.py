# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake refuses what AWX refuses: else it would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import HIDDEN
from ansible_collections.flagops.launchdarkly.tests.awx.guide import URL

Send = Callable[..., tuple[int, Any]]
SECRET = {"id": "key", "label": "Key", "secret": True}
VARIABLES = "Cannot parse as JSON (error: "


NOTICE = {
    "name": "n",
    "organization": 1,
    "notification_type": "slack",
    "notification_configuration": {"channels": ["#a"]},
}
RULE = "DTSTART:20260105T080000Z RRULE:FREQ=DAILY;INTERVAL=1"


def schedule(rrule: str, **more: Any) -> dict[str, Any]:
    """Of the job template that each test here has."""
    return {"name": "s", "unified_job_template": 4, "rrule": rrule, **more}


def type_with(**more: Any) -> dict[str, Any]:
    return {"name": "c", "kind": "cloud", "inputs": {"fields": [SECRET]}, **more}


def type_with_field(**more: Any) -> dict[str, Any]:
    return type_with(inputs={"fields": [{**SECRET, **more}]})


@pytest.mark.parametrize(
    ("path", "body", "field", "said"),
    [
        ("projects/", {"organization": 1}, "name", "This field is required."),
        ("projects/", {"name": "p", "organisation": 1}, "organisation", "Unknown field."),
        ("projects/", {"name": "p", "organization": 99}, "organization", 'Invalid pk "99"'),
        ("projects/", {"name": "p", "scm_type": "git"}, "scm_url", "SCM URL is required."),
        ("projects/", {"name": "p", "scm_type": "git", "scm_url": "x://y/z"}, "scm_url", "Unsupported git URL"),
        ("projects/", {"name": "p", "scm_type": "cvs"}, "scm_type", "is not a valid choice."),
        ("projects/", {"name": "p", "scm_update_on_launch": "yes"}, "scm_update_on_launch", "Not a valid boolean."),
        ("inventories/", {"name": "i"}, "organization", "This field is required."),
        ("inventories/", {"name": "i", "organization": 1, "variables": "- a"}, "variables", VARIABLES),
        ("job_templates/", {"name": "j"}, "project", "This field is required."),
        ("workflow_job_templates/", {"name": "w", "extra_vars": "[1]"}, "extra_vars", VARIABLES),
        ("workflow_job_templates/", {"name": "w", "extra_vars": "{a: "}, "extra_vars", VARIABLES),
        ("execution_environments/", {"name": "e", "image": "has space"}, "image", "name has space is not valid"),
        ("credentials/", {"name": "c", "credential_type": 2}, "detail", "Missing 'user', 'team', or 'organization'."),
        (
            "notification_templates/",
            NOTICE,
            "__all__",
            "Missing required fields for Notification Configuration: ['token'].",
        ),
        (
            "notification_templates/",
            {**NOTICE, "notification_type": "teams"},
            "notification_type",
            "not a valid choice.",
        ),
        ("inventory_sources/", {"name": "s", "inventory": 3, "source": "scm"}, "source_project", "Project required"),
        ("schedules/", schedule("RRULE:FREQ=DAILY;INTERVAL=1"), "rrule", "Valid DTSTART required"),
        ("schedules/", schedule("DTSTART:20260105T080000 RRULE:FREQ=DAILY;INTERVAL=1"), "rrule", "naive datetime"),
        ("schedules/", schedule("DTSTART:20260105T080000Z RRULE:FREQ=DAILY"), "rrule", "INTERVAL required in rrule"),
        ("schedules/", schedule(RULE), "variables_needed_to_start", "'key' value missing"),
        (
            "schedules/",
            schedule(RULE, extra_data={"key": "a", "more": 1}),
            "extra_data",
            "Variables more are not allowed",
        ),
        ("schedules/", schedule(RULE, extra_data={"key": "a"}, limit="all"), "limit", "not configured to prompt"),
        ("organizations/", {"name": "Default"}, "name", "Organization with this Name already exists."),
    ],
)
def test_body_is_refused(awx: Awx, send: Send, path: str, body: dict[str, Any], field: str, said: str) -> None:
    awx.add("credential_types", type_with())
    awx.add("inventories", {"name": "i", "organization": 1})
    template = awx.add("job_templates", {"name": "t", "survey_enabled": True})["id"]
    awx.surveys[template] = {"spec": [{"type": "text", "variable": "key", "question_name": "Key", "required": True}]}
    status, answer = send(path, body)
    assert (status, list(answer)) == (400, [field])
    assert said in answer[field][0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (type_with(inputs={"fields": [{"id": "a"}]}), "'label' is a required property"),
        (type_with(inputs={"fields": {"id": "a"}}), "expected array"),
        (type_with(inputs={"fields": [SECRET, SECRET]}), "field IDs must be unique (key)"),
        (type_with(inputs={"fields": [], "dependencies": {}}), "'dependencies' was unexpected"),
        (type_with_field(type="integer"), "'integer' is not one of ['string', 'boolean']"),
        (type_with_field(id="tower"), '"tower" is a reserved field name'),
        (type_with_field(id="a key"), "a key is an invalid variable name"),
        (type_with_field(default=5), "5 is not a string"),
        (type_with_field(choices=[]), "[] is not a list of choices"),
        (
            type_with(inputs={"fields": [{"id": "a", "label": "A", "type": "boolean", "multiline": True}]}),
            "not allowed",
        ),
    ],
)
def test_credential_type_with_such_inputs_is_refused(send: Send, body: dict[str, Any], said: str) -> None:
    status, answer = send("credential_types/", body)
    assert (status, list(answer)) == (400, ["inputs"])
    assert said in answer["inputs"][0]


@pytest.mark.parametrize(
    ("variable", "template", "said"),
    [
        ("ANSIBLE_X", "1", "may affect Ansible configuration"),
        ("PATH", "/bin", "is not allowed to be used in credentials."),
        ("1x", "1", "does not match any of the regexes"),
        ("X", "{{ a }}", "X uses an undefined field ('a' is undefined)"),
        ("X", "{{ key.b.c }}", "X uses an undefined field"),
        ("X", 5, "int provided in relative path ['env', 'X'], expected string"),
    ],
)
def test_credential_type_with_such_an_injector_is_refused(send: Send, variable: str, template: Any, said: str) -> None:
    status, answer = send("credential_types/", type_with(injectors={"env": {variable: template}}))
    assert (status, list(answer)) == (400, ["injectors"])
    assert said in answer["injectors"][0]


def test_credential_type_in_use_keeps_its_inputs_and_stays(awx: Awx, send: Send) -> None:
    type_ = send("credential_types/", type_with(kind="cloud"))[1]["id"]
    send("credentials/", {"name": "c", "organization": 1, "credential_type": type_})
    assert send(f"credential_types/{type_}/", {"inputs": {"fields": [{**SECRET, "label": "Other"}]}}, "PATCH") == (
        403,
        {"detail": "Modifications to inputs are not allowed for credential types that are in use"},
    )
    assert send(f"credential_types/{type_}/", {"description": "Other"}, "PATCH")[0] == 200
    assert send(f"credential_types/{type_}/", None, "DELETE") == (
        403,
        {"detail": "Credential types that are in use cannot be deleted"},
    )
    assert awx.items["credential_types"]


def test_credential_has_one_of_the_choices(send: Send) -> None:
    type_ = send("credential_types/", type_with_field(choices=["US", "EU"]))[1]["id"]
    body = {"name": "c", "organization": 1, "credential_type": type_}
    assert send("credentials/", {**body, "inputs": {"key": "UK"}}) == (
        400,
        {"inputs": {"key": ["'UK' is not one of ['US', 'EU']"]}},
    )
    assert send("credentials/", {**body, "inputs": {"key": "EU"}})[0] == 201


def test_credential_type_is_unique_by_name_and_kind(send: Send) -> None:
    send("credential_types/", type_with())
    assert send("credential_types/", type_with()) == (
        400,
        {"__all__": ["Credential type with this Name and Kind already exists."]},
    )
    assert send("credential_types/", type_with(kind="net"))[0] == 201


def test_notification_template_keeps_its_secret_and_messages(awx: Awx, send: Send) -> None:
    configuration = {"channels": ["#a"], "token": "t"}
    messages = {"error": {"message": "{{ job.name }} failed"}}
    body = {**NOTICE, "notification_configuration": configuration, "messages": messages}
    made = send("notification_templates/", body)[1]
    assert made["notification_configuration"] == {"channels": ["#a"], "token": HIDDEN}
    changes = {"notification_configuration": {"channels": ["#b"], "token": HIDDEN}, "messages": {"success": None}}
    shown = send(f"notification_templates/{made['id']}/", changes, "PATCH")[1]
    kept = awx.items["notification_templates"][made["id"]]
    assert kept["notification_configuration"] == {"channels": ["#b"], "token": "t"}
    assert shown["messages"]["error"] == messages["error"]


def test_execution_environment_keeps_its_organization(awx: Awx, send: Send) -> None:
    other = awx.add("organizations", {"name": "Other"})["id"]
    made = send("execution_environments/", {"name": "e", "image": "i", "organization": 1})[1]["id"]
    refused = {"organization": ["Cannot change the organization of an execution environment"]}
    assert send(f"execution_environments/{made}/", {"organization": other}, "PATCH") == (400, refused)
    assert send(f"execution_environments/{made}/", {"organization": None}, "PATCH")[0] == 200
    double = {"name": "e", "image": "i", "organization": other}
    assert send("execution_environments/", double) == (
        400,
        {"name": ["Execution environment with this Name already exists."]},
    )


@pytest.mark.parametrize("url", [URL, "file:///srv/project", "git@git.example.com:shop/releases.git"])
def test_project_takes_what_git_takes(send: Send, url: str) -> None:
    assert send("projects/", {"name": "p", "scm_type": "git", "scm_url": url})[0] == 201
