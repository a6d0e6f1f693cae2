# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs and injectors of a type of credential."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Errors, Item

_PROPERTIES = frozenset({"id", "label", "type", "help_text", "secret", "multiline", "format", "choices", "default"})
_OF_TEXT_ONLY = ("choices", "multiline", "format", "secret")
_TYPES: Mapping[str, type] = {"string": str, "boolean": bool}
_NAME = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
# What AWX and ansible-runner set themselves.
_TAKEN = frozenset(
    {
        *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID"),
        *("AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CACHE"),
        *("CALLBACK_CONNECTION", "JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION"),
        "SUPERVISOR_CONFIG_PATH",
    }
)


def errors(values: Item) -> Errors:
    """A type that an input does not name is filled in."""
    wrong = _inputs_error(values["inputs"])
    if wrong:
        return {"inputs": [wrong]}
    names = [entry["id"] for entry in values["inputs"].get("fields", [])]
    wrong = _injectors_error(values["injectors"], names)
    return {"injectors": [wrong]} if wrong else {}


def _inputs_error(inputs: Item) -> str:
    if inputs.keys() - {"fields", "required"}:
        return f"Additional properties are not allowed ({min(inputs.keys() - {'fields', 'required'})!r} was unexpected)"
    for name in ("fields", "required"):
        if not isinstance(inputs.get(name, []), list):
            return f"{type(inputs[name]).__name__} provided in relative path ['{name}'], expected array"
    seen: set[str] = set()
    for number, entry in enumerate(inputs.get("fields", [])):
        wrong = _entry_error(entry, number) or (
            f"field IDs must be unique ({entry['id']})" if entry["id"] in seen else ""
        )
        if wrong:
            return wrong
        seen.add(entry["id"])
    return ""


def _entry_error(entry: Any, number: int) -> str:
    path = f"relative path ['fields', {number}]"
    if not isinstance(entry, dict):
        return f"{type(entry).__name__} provided in {path}, expected dict"
    missing, unknown = {"id", "label"} - entry.keys(), entry.keys() - _PROPERTIES
    if missing:
        return f"Schema validation error in {path} ('{min(missing)}' is a required property)"
    if unknown:
        return f"Schema validation error in {path} ('{min(unknown)}' was unexpected)"
    if not isinstance(entry["id"], str) or not _NAME.fullmatch(entry["id"]):
        return f"{entry['id']} is an invalid variable name"
    if entry["id"] == "tower":
        return '"tower" is a reserved field name'
    if entry.setdefault("type", "string") not in _TYPES:
        return f"'{entry['type']}' is not one of ['string', 'boolean']"
    return _entry_value_error(entry)


def _entry_value_error(entry: Item) -> str:
    if "default" in entry and not isinstance(entry["default"], _TYPES[entry["type"]]):
        return f"{entry['default']} is not a {entry['type']}"
    for name in _OF_TEXT_ONLY:
        if name in entry and entry["type"] != "string":
            return f"{name} not allowed for {entry['type']} type ({entry['id']})"
    choices = entry.get("choices", ["any"])
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, str) for choice in choices):
        return f"{choices!r} is not a list of choices"
    return ""


def _injectors_error(injectors: Item, names: list[str]) -> str:
    if injectors.keys() - {"env", "extra_vars", "file"}:
        return "Additional properties are not allowed"
    for name, template in injectors.get("env", {}).items():
        wrong = _variable_error(name) or _template_error(name, template, names)
        if wrong:
            return wrong
    return ""


def _variable_error(name: str) -> str:
    if not _NAME.fullmatch(name):
        return f"Schema validation error in relative path ['env'] ('{name}' does not match any of the regexes)"
    if name.startswith("ANSIBLE_"):
        return f"Environment variable {name} may affect Ansible configuration so its use is not allowed in credentials."
    return f"Environment variable {name} is not allowed to be used in credentials." if name in _TAKEN else ""


def _template_error(name: str, template: Any, names: list[str]) -> str:
    if not isinstance(template, str):
        return f"{type(template).__name__} provided in relative path ['env', '{name}'], expected string"
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(dict.fromkeys(names, "x"))
    except TemplateError as error:
        return f"{name} uses an undefined field ({error})"
    return ""
