# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notification templates, and what AWX refuses in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Errors, Item

HIDDEN = "$encrypted$"
SECRETS = ("token", "password")

# The type of each option, and its default if it may be left out.
_REQUIRED = object()
_OPTIONS: Mapping[str, Mapping[str, tuple[type, Any]]] = {
    "slack": {"token": (str, _REQUIRED), "channels": (list, _REQUIRED)},
    "webhook": {
        "url": (str, _REQUIRED),
        "http_method": (str, "POST"),
        "disable_ssl_verification": (bool, False),
        "username": (str, ""),
        "password": (str, ""),
        "headers": (dict, _REQUIRED),
    },
    "email": {
        **dict.fromkeys(("host", "username", "password", "sender"), (str, _REQUIRED)),
        **dict.fromkeys(("use_tls", "use_ssl"), (bool, _REQUIRED)),
        "port": (int, _REQUIRED),
        "recipients": (list, _REQUIRED),
        "timeout": (int, 30),
    },
}
TYPES = tuple(_OPTIONS)
_EVENTS = {"started", "success", "error", "workflow_approval"}
_APPROVALS = {"running", "approved", "timed_out", "denied"}
# What AWX renders a message with to see whether it can be rendered.
_CONTEXT = {
    "job": {"id": 42, "name": "Stub Job", "status": "running"},
    "job_friendly_name": "Job",
    "url": "https://platformhost/#/jobs/playbook/1010",
    "approval_status": "approved",
    "approval_node_name": "Approve Me",
    "workflow_url": "https://platformhost/#/jobs/workflow/1010",
    "job_metadata": "{}",
}


def keep(old: Item, kept: Item) -> None:
    """Fill in the defaults, the secrets that were not sent, and the messages that no longer are."""
    type_ = str(kept.get("notification_type", old.get("notification_type")))
    given = kept.get("notification_configuration")
    if given is not None and type_ in _OPTIONS:
        defaults = {name: value for name, (_type, value) in _OPTIONS[type_].items() if value is not _REQUIRED}
        before = old.get("notification_configuration", {})
        kept["notification_configuration"] = {
            name: before.get(name, value) if value == HIDDEN else value for name, value in {**defaults, **given}.items()
        }
    if kept.get("messages") and old.get("messages"):
        kept["messages"] = {name: kept["messages"].get(name) or old["messages"].get(name) for name in _EVENTS}


def errors(whole: Item) -> Errors:
    found = _option_errors(whole["notification_configuration"], _OPTIONS[whole["notification_type"]])
    found = found or [wrong for wrong in map(_message_error, _messages(whole["messages"] or {})) if wrong]
    return {"__all__": found} if found else {}


def _option_errors(given: Item, options: Mapping[str, tuple[type, Any]]) -> list[str]:
    missing = [name for name in options if name not in given]
    if missing:
        return [f"Missing required fields for Notification Configuration: {missing}."]
    return [
        f"Configuration field '{name}' incorrect type, expected {type_.__name__}."
        if not _is_of(given[name], type_)
        else f"No values specified for field '{name}'"
        for name, (type_, _default) in options.items()
        if not _is_of(given[name], type_) or given[name] == []
    ]


def _is_of(value: Any, type_: type) -> bool:
    """AWX takes no boolean for a number."""
    return isinstance(value, type_) and (type_ is bool or not isinstance(value, bool))


def _messages(messages: Item) -> list[Any]:
    unknown = messages.keys() - _EVENTS
    approvals = messages.get("workflow_approval") or {}
    return [
        *unknown,
        *(approvals.keys() - _APPROVALS),
        *approvals.values(),
        *(messages[name] for name in messages.keys() & (_EVENTS - {"workflow_approval"})),
    ]


def _message_error(message: Any) -> str:
    if message is None:
        return ""
    if not isinstance(message, dict) or message.keys() - {"message", "body"}:
        return f"Event '{message}' invalid"
    try:
        for text in message.values():
            ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(_CONTEXT)
    except TemplateError as error:
        return f"Unable to render message ({error})"
    return ""


def shown(item: Item) -> Item:
    given = item.get("notification_configuration") or {}
    hidden = {name: HIDDEN for name in SECRETS if given.get(name)}
    return {**item, "notification_configuration": {**given, **hidden}}
