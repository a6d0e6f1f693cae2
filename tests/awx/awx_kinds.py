# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of object in the fake AWX has, and which values it takes.

Written after the serializers of AWX 24. AWX ignores a field that it does not know; here it is refused, so that a
misspelt one does not pass.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, Any]
Errors = dict[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "dictionary": (dict,),
    "reference": (int,),
}
_WORDS = {"text": "string", "integer": "integer", "boolean": "boolean", "dictionary": "json", "reference": "id"}


@dataclass(frozen=True)
class Field:
    type: str = "text"
    required: bool = False
    default: Any = ""
    choices: tuple[str, ...] = ()
    to: str = ""  # what a reference points to
    longest: int = 512

    def refusal(self, value: object) -> str:
        """Why this is no value for it; nothing if it is one."""
        # AWX takes null for a text; most keep an empty one then.
        if value is None and not self.required:
            return ""
        fitting = isinstance(value, _TYPES[self.type]) and not (isinstance(value, bool) and self.type != "boolean")
        if not fitting:
            return f"Not a valid {_WORDS[self.type]}."
        if self.required and value == "":
            return "This field may not be blank."
        if self.choices and value not in self.choices:
            return f'"{value}" is not a valid choice.'
        if isinstance(value, str) and len(value) > self.longest:
            return f"Ensure this field has no more than {self.longest} characters."
        return ""

    def described(self) -> Item:
        """As OPTIONS shows it."""
        shown: Item = {"type": _WORDS[self.type], "required": self.required, "label": "", "help_text": ""}
        if self.choices:
            shown["choices"] = [[choice, choice] for choice in self.choices]
        return shown


def text(*, required: bool = False, longest: int = 512) -> Field:
    return Field("text", required=required, longest=longest)


def choice(*choices: str, default: str = "") -> Field:
    return Field("text", choices=choices, default=default)


def yes_or_no(*, default: bool = False) -> Field:
    return Field("boolean", default=default)


def number() -> Field:
    return Field("integer", default=0)


def reference(to: str, *, required: bool = False) -> Field:
    return Field("reference", required=required, default=None, to=to)


@dataclass(frozen=True)
class Kind:
    type: str
    fields: Mapping[str, Field]
    # Sent by clients, and not theirs to set.
    read_only: frozenset[str] = frozenset()
    unique: tuple[str, ...] = ("name",)
    # What can be put into a list of an object, and where it comes from.
    lists: Mapping[str, str] = field(default_factory=dict)
    related: tuple[str, ...] = ()

    def checked(self, body: object, *, partly: bool) -> tuple[Item, Errors]:
        """The values to keep, and what is wrong with those that were sent."""
        if not isinstance(body, dict):
            return {}, {"detail": "JSON object expected."}
        errors: Errors = {
            name: ["Unknown field."] for name in body.keys() - self.fields.keys() - self.read_only - {"id", "type"}
        }
        for name, known in self.fields.items():
            if name not in body:
                if known.required and not partly:
                    errors[name] = ["This field is required."]
                continue
            refusal = known.refusal(body[name])
            if refusal:
                errors[name] = [refusal]
        return {name: _kept(self.fields[name], body[name]) for name in body.keys() & self.fields.keys()}, errors

    def blank(self) -> Item:
        return {name: known.default for name, known in self.fields.items()}


def _kept(known: Field, value: Any) -> Any:
    return "" if value is None and known.type == "text" and known.default is not None else value


_NAMED = {"name": text(required=True), "description": text(longest=10000)}
_VARS = text(longest=100000)
_ASKS = {f"ask_{name}_on_launch": yes_or_no() for name in ("variables", "limit", "inventory", "labels")}
_NOTICES = {
    f"notification_templates_{event}": "notification_templates"
    for event in ("started", "success", "error", "approvals")
}

KINDS: Mapping[str, Kind] = {
    "organizations": Kind("organization", _NAMED),
    "notification_templates": Kind("notification_template", {**_NAMED, "organization": reference("organizations")}),
    "credential_types": Kind(
        "credential_type",
        {
            **_NAMED,
            "kind": Field("text", required=True, choices=("cloud", "net")),
            "inputs": Field("dictionary", default={}),
            "injectors": Field("dictionary", default={}),
        },
        read_only=frozenset({"managed"}),
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
        related=("update",),
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
        # It has the organization of its project.
        read_only=frozenset({"organization"}),
        unique=("name", "organization"),
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
        lists=_NOTICES,
        related=("survey_spec", "launch"),
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {
            "identifier": text(required=True),
            "workflow_job_template": reference("workflow_job_templates", required=True),
            "unified_job_template": reference("unified_job_templates"),
            "all_parents_must_converge": yes_or_no(),
        },
        unique=("identifier", "workflow_job_template"),
        lists={f"{event}_nodes": "workflow_job_template_nodes" for event in ("success", "failure", "always")},
        related=("create_approval_template", "unified_job_template"),
    ),
    "workflow_approval_templates": Kind("workflow_approval_template", {**_NAMED, "timeout": number()}, unique=()),
}

# Whose IDs are drawn from one row, and that a node can start.
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "workflow_approval_templates")


def credential_type_errors(values: Item) -> Errors:
    """What AWX demands of the inputs and injectors of a type of credential; a missing type is filled in."""
    fields = values["inputs"].get("fields", [])
    for number_, entry in enumerate(fields):
        missing = {"id", "label"} - entry.keys()
        unknown = entry.keys() - {
            "id",
            "label",
            "type",
            "help_text",
            "secret",
            "multiline",
            "format",
            "choices",
            "default",
        }
        if missing or unknown:
            wrong = f"'{min(missing)}' is a required property" if missing else f"'{min(unknown)}' was unexpected"
            return {"inputs": [f"Schema validation error in relative path ['fields'][{number_}] ({wrong})"]}
        entry.setdefault("type", "string")
    names = {entry["id"] for entry in fields}
    stray = set(values["inputs"].get("required", [])) - names
    if stray or values["inputs"].keys() - {"fields", "required"}:
        return {"inputs": ["Additional properties are not allowed"]}
    return _injector_errors(values["injectors"], names)


def _injector_errors(injectors: Item, names: set[str]) -> Errors:
    if injectors.keys() - {"env", "extra_vars", "file"}:
        return {"injectors": ["Additional properties are not allowed"]}
    for name, template in injectors.get("env", {}).items():
        if name.startswith("ANSIBLE_"):
            return {"injectors": [f"Environment variable {name} may affect Ansible configuration."]}
        for used in re.findall(r"{{\s*(\w+)", template):
            if used not in names:
                return {"injectors": [f"{name} uses an undefined field ('{used}' is undefined)"]}
    return {}
