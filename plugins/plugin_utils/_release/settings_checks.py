# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The checks among the role's settings. Pure.

The texts inside `http`, `prometheus` and `command` may be templates until the check runs; see check_texts.
"""

from __future__ import annotations

import math
import re
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import (
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_values as values
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_base import (
    AtLeastOne,
    Count,
    Name,
    Seconds,
    SettingsModel,
    Text,
    exactly_one,
)

PRESETS = ("http", "prometheus", "command")
CHECK_KINDS = ("tasks", *PRESETS)
# In a soak each attempt is a line in the output and an entry in the report.
MAX_ATTEMPTS = 60


class CheckTemplate(str):
    """A text of a check that is filled in when the check runs; see check_texts."""

    __slots__ = ()


def _to_check(value: t.Any) -> t.Any:
    """A text is a task file."""
    return {"tasks": value} if isinstance(value, str) and not values.is_dictionary_text(value) else value


def _to_checks(value: t.Any) -> list[t.Any]:
    """One check alone needs no list when it is text."""
    if isinstance(value, str) and not values.is_blank(value) and not values.is_list_text(value):
        return [value]
    return values.to_list(value)


def _to_command(value: t.Any) -> t.Any:
    """A text is a command line."""
    return {"cmd": value} if isinstance(value, str) and not values.is_dictionary_text(value) else value


def _to_method(value: t.Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("[A-Za-z]+", value):
        raise values.UnusableValue("must be an HTTP method such as GET")
    return value.upper()


def _to_texts(value: t.Any) -> list[str]:
    """A list whose entries are not split, such as the arguments of a command."""
    return [item if isinstance(item, CheckTemplate) else values.to_text(item) for item in values.to_list(value)]


def _to_headers(value: t.Any) -> dict[str, t.Any]:
    return {
        key: item if isinstance(item, CheckTemplate) else values.to_text(item)
        for key, item in values.to_dictionary(value).items()
        if not values.is_blank(item)
    }


def whole_list(each: values.Conversion) -> values.Conversion:
    """One values.whole number or a list of them."""

    def convert(value: t.Any) -> list[int]:
        many = values.parse_text(value) if isinstance(value, str) and values.is_list_text(value) else value
        return [each(item) for item in (many if isinstance(many, (list, tuple)) else [many])]

    return values.Conversion(
        convert,
        {
            "anyOf": [
                {"type": "array", "items": values.required(each.schema)},
                each.schema,
                {"type": "string", "pattern": values.LIST_TEXT},
            ]
        },
    )


def unless_template(conversion: values.Conversion) -> values.Conversion:
    """For the texts of a check: one that is filled in when the check runs is kept, and converted then."""
    return values.Conversion(
        lambda value: value if isinstance(value, CheckTemplate) else conversion(value),
        conversion.schema,
        conversion.adds,
    )


WHOLE_SECONDS = values.Conversion(lambda value: math.ceil(values.to_interval(value)), values.INTERVAL.schema)
CHECKS = values.Conversion(_to_checks, {"type": ["string", "null"]}, adds=True)
CHECK = values.Conversion(_to_check, {"type": "string", "pattern": r"\S"}, adds=True)
COMMAND = values.Conversion(_to_command, {"type": ["string", "null"]}, adds=True)
STATUSES = whole_list(unless_template(values.whole(100)))
METHOD = values.Conversion(_to_method, values.text_schema("^[A-Za-z]+$"))
TEXTS = values.Conversion(
    _to_texts,
    {"anyOf": [{"type": "array", "items": {"type": ["string", "number"]}}, values.text_schema(values.LIST_TEXT)]},
)
HEADERS = values.Conversion(
    _to_headers,
    {
        "anyOf": [
            {"type": "object", "additionalProperties": values.TEXT_SCHEMA},
            values.text_schema(values.DICTIONARY_TEXT),
        ]
    },
)

# Texts of a check, which may be templates until it runs.
LateName = t.Annotated[t.Any, BeforeValidator(unless_template(values.NAME))]
LateText = t.Annotated[t.Any, BeforeValidator(unless_template(values.TEXT))]
LateMethod = t.Annotated[t.Any, BeforeValidator(unless_template(METHOD))]
LateBoolean = t.Annotated[t.Any, BeforeValidator(unless_template(values.BOOLEAN))]
LateSeconds = t.Annotated[t.Any, BeforeValidator(unless_template(WHOLE_SECONDS))]
LateCount = t.Annotated[t.Any, BeforeValidator(unless_template(values.whole(0)))]
LateStatuses = t.Annotated[t.Any, BeforeValidator(unless_template(STATUSES))]
LateTexts = t.Annotated[t.Any, BeforeValidator(unless_template(TEXTS))]
LateHeaders = t.Annotated[t.Any, BeforeValidator(unless_template(HEADERS))]


class HttpCheck(SettingsModel):
    """A request. Its status, and a condition on its JSON, decide."""

    url: LateName = Field(description="What to request.")
    status: LateStatuses = Field(default=[200], description="The status that passes, or a list.")
    condition: LateText = Field(default="", description="A Jinja expression over json and status.")
    method: LateMethod = Field(default="GET", description="The HTTP method.")
    headers: LateHeaders = Field(default={}, description="Headers of the request.")
    validate_certs: LateBoolean = Field(default=True, description="Whether the TLS certificate is checked.")
    timeout: LateSeconds = Field(default=30, description="How long to wait for an answer.")


class PrometheusCheck(SettingsModel):
    """An instant query. The condition has to be true for every series."""

    url: LateName = Field(description="Address of the Prometheus server.")
    query: LateName = Field(description="The query, in PromQL.")
    condition: LateName = Field(description="A Jinja expression over value.")
    headers: LateHeaders = Field(default={}, description="Headers of the request.")
    validate_certs: LateBoolean = Field(default=True, description="Whether the TLS certificate is checked.")
    timeout: LateSeconds = Field(default=30, description="How long to wait for an answer.")


class CommandCheck(SettingsModel):
    """A command. Its exit code decides."""

    model_config = ConfigDict(json_schema_extra=exactly_one("cmd", "argv"))

    cmd: LateText = Field(default="", description="The command line, without a shell.")
    argv: LateTexts = Field(default=(), description="The command and its arguments as a list.")
    chdir: LateText = Field(default="", description="The folder to run it in.")
    rc: LateCount = Field(default=0, description="The exit code that passes.")

    @model_validator(mode="after")
    def _one_command(self) -> t.Any:
        if ("cmd" in self.model_fields_set) == ("argv" in self.model_fields_set):
            raise values.UnusableValue("needs exactly one of cmd and argv")
        return self


class Check(SettingsModel):
    """What has to pass before anything later is started."""

    model_config = ConfigDict(json_schema_extra=exactly_one(*CHECK_KINDS))

    name: Text = Field(default="", description="How messages and the result call the check.")
    tasks: t.Optional[Name] = Field(default=None, description="A task file. The check passes unless a task fails.")
    http: t.Optional[HttpCheck] = None
    prometheus: t.Optional[PrometheusCheck] = None
    command: t.Optional[t.Annotated[CommandCheck, BeforeValidator(COMMAND)]] = None
    attempts: t.Annotated[int, BeforeValidator(values.whole(1, MAX_ATTEMPTS))] = Field(
        default=1, description="How often to measure."
    )
    interval: Seconds = Field(default=10.0, description="The pause between two measurements.")
    failure_limit: Count = Field(default=0, description="How many failures are tolerated.")
    consecutive_success: AtLeastOne = Field(default=1, description="How many successes in a row are needed.")
    during: t.Annotated[str, BeforeValidator(values.choice("soak", "rollout"))] = Field(
        default="", description="Measure while the phase soaks, or while its rollout runs."
    )

    @property
    def kind(self) -> str:
        return next(kind for kind in CHECK_KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _fits_together(self) -> t.Any:
        kinds = [kind for kind in CHECK_KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            has = f"not {' and '.join(kinds)}" if kinds else "and has none"
            raise values.UnusableValue(f"needs exactly one of {', '.join(CHECK_KINDS)}, {has}")
        if self.consecutive_success > self.attempts and not self.during:
            raise values.UnusableValue(
                f": consecutive_success ({self.consecutive_success}) must not exceed attempts ({self.attempts})"
            )
        return self


Checks = t.Annotated[tuple[t.Annotated[Check, BeforeValidator(CHECK)], ...], BeforeValidator(CHECKS)]
