# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects in the fake AWX, written after the serializers of AWX 24."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import notifications
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import (
    Field,
    Kind,
    choice,
    number,
    reference,
    text,
    yes_or_no,
)

_NAMED = {"name": text(required=True), "description": text(longest=10000)}
_VARS = text(longest=100000)
_ASKS = {f"ask_{name}_on_launch": yes_or_no() for name in ("variables", "limit", "inventory", "labels")}
_NOTICES = {
    f"notification_templates_{event}": "notification_templates"
    for event in ("started", "success", "error", "approvals")
}


def _double(kind: str, fields: str) -> Mapping[str, str]:
    return {"__all__": f"{kind} with this {fields} already exists."}


def _soft_double(model: str) -> Mapping[str, str]:
    return {"__all__": f"{model} with this (organization, name) combination already exists."}


KINDS: Mapping[str, Kind] = {
    "organizations": Kind(
        "organization", _NAMED, unique=("name",), double={"name": "Organization with this Name already exists."}
    ),
    "notification_templates": Kind(
        "notification_template",
        {
            **_NAMED,
            "organization": reference("organizations"),
            "notification_type": Field("text", required=True, choices=notifications.TYPES),
            "notification_configuration": Field("dictionary", default={}),
            "messages": Field("dictionary", default=None),
        },
        unique=("name", "organization"),
        double=_double("Notification template", "Organization and Name"),
    ),
    "credential_types": Kind(
        "credential_type",
        {
            **_NAMED,
            "kind": Field("text", required=True, choices=("cloud", "net")),
            "inputs": Field("dictionary", default={}),
            "injectors": Field("dictionary", default={}),
        },
        unique=("name", "kind"),
        double=_double("Credential type", "Name and Kind"),
        read_only={"managed": yes_or_no()},
    ),
    "credentials": Kind(
        "credential",
        {
            **_NAMED,
            "organization": reference("organizations"),
            "credential_type": reference("credential_types", required=True),
            "inputs": Field("dictionary", default={}),
        },
        unique=("name", "organization", "credential_type"),
        double=_double("Credential", "Organization, Name and Credential type"),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {
            **_NAMED,
            "image": text(required=True, longest=1024),
            "organization": reference("organizations"),
            "credential": reference("credentials"),
            "pull": choice("", "always", "missing", "never"),
        },
        unique=("name",),
        double={"name": "Execution environment with this Name already exists."},
    ),
    "projects": Kind(
        "project",
        {
            **_NAMED,
            "organization": reference("organizations"),
            "scm_type": choice("", "git", "svn", "insights", "archive"),
            "scm_url": text(longest=1024),
            "scm_branch": text(longest=256),
            "scm_update_on_launch": yes_or_no(),
            "allow_override": yes_or_no(),
            "credential": reference("credentials"),
            "local_path": text(longest=1024),
        },
        unique=("name", "organization"),
        double=_soft_double("Project"),
        related=("update", "playbooks"),
    ),
    "inventories": Kind(
        "inventory",
        {
            **_NAMED,
            "organization": reference("organizations", required=True),
            "kind": choice("", "smart", "constructed"),
            "host_filter": Field("text", default=None),
            "variables": _VARS,
        },
        unique=("name", "organization"),
        double=_double("Inventory", "Name and Organization"),
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            **_NAMED,
            "inventory": reference("inventories", required=True),
            "source": Field("text", required=True, choices=("scm", "ec2", "controller")),
            "source_project": reference("projects"),
            "source_path": text(longest=1024),
            "credential": reference("credentials"),
            "execution_environment": reference("execution_environments"),
            "overwrite": yes_or_no(),
            "overwrite_vars": yes_or_no(),
            "update_on_launch": yes_or_no(),
            "update_cache_timeout": number(),
        },
        unique=("name", "inventory"),
        double=_double("Inventory source", "Name and Inventory"),
        # It has the organization of its inventory.
        read_only={"organization": reference("organizations")},
        lists={name: kind for name, kind in _NOTICES.items() if not name.endswith("approvals")},
    ),
    "schedules": Kind(
        "schedule",
        {
            **_NAMED,
            "unified_job_template": reference("unified_job_templates", required=True),
            "rrule": text(required=True),
            "enabled": yes_or_no(default=True),
            "extra_data": Field("dictionary", default={}),
            "limit": Field("text", default=None),
        },
        unique=("unified_job_template", "name"),
        double=_double("Schedule", "Unified job template and Name"),
    ),
    "hosts": Kind(
        "host",
        {
            **_NAMED,
            "inventory": reference("inventories", required=True),
            "enabled": yes_or_no(default=True),
            "variables": _VARS,
        },
        unique=("name", "inventory"),
        double=_double("Host", "Name and Inventory"),
    ),
    "job_templates": Kind(
        "job_template",
        {
            **_NAMED,
            "job_type": choice("run", "check", default="run"),
            "inventory": reference("inventories"),
            "project": reference("projects"),
            "playbook": text(longest=1024),
            "execution_environment": reference("execution_environments"),
            "extra_vars": _VARS,
            "allow_simultaneous": yes_or_no(),
            "survey_enabled": yes_or_no(),
            **_ASKS,
        },
        unique=("name", "organization"),
        double=_soft_double("JobTemplate"),
        # It has the organization of its project.
        read_only={"organization": reference("organizations")},
        lists={"credentials": "credentials", **_NOTICES},
        related=("survey_spec", "launch"),
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            **_NAMED,
            "organization": reference("organizations"),
            "extra_vars": _VARS,
            "allow_simultaneous": yes_or_no(),
            "survey_enabled": yes_or_no(),
            **_ASKS,
        },
        unique=("name", "organization"),
        double=_soft_double("WorkflowJobTemplate"),
        lists=_NOTICES,
        related=("survey_spec", "launch"),
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            "identifier": text(),
            "workflow_job_template": reference("workflow_job_templates", required=True),
            "unified_job_template": reference("unified_job_templates"),
            "all_parents_must_converge": yes_or_no(),
        },
        unique=("identifier", "workflow_job_template"),
        double=_double("Workflow job template node", "Identifier and Workflow job template"),
        lists={f"{event}_nodes": "workflow_job_template_nodes" for event in ("success", "failure", "always")},
        related=("create_approval_template", "unified_job_template"),
    ),
    "workflow_approval_templates": Kind("workflow_approval_template", {**_NAMED, "timeout": number()}, has_list=False),
}

# Whose IDs are drawn from one row, and that a node can start.
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
