# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The freeze windows among the role's settings: their keys and types. What they mean is in freeze_windows. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import (
    BeforeValidator,
    ConfigDict,
    Field,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_values as values
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_base import (
    Names,
    SettingsModel,
    Text,
)


def _to_timezone(value: t.Any) -> str:
    if not isinstance(value, str):
        raise values.UnusableValue("must be an IANA name such as Europe/Berlin or UTC")
    return value


def _to_time(value: t.Any) -> t.Any:
    """A time of the day or a date. YAML reads some of them as numbers or dates."""
    number = values.whole_number(value) if isinstance(value, (int, float)) else None
    return values.to_text(value) if number is None else number


TIMEZONE = values.Conversion(_to_timezone, {"type": "string", "pattern": r"\S"})
_DAY = "|".join(
    "".join(f"[{letter.upper()}{letter}]" for letter in day)
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
_DAYS = rf"\s*({_DAY})[A-Za-z]*\s*(-\s*({_DAY})[A-Za-z]*\s*)?"
DAYS = values.Conversion(
    values.to_names,
    {
        "anyOf": [
            {"type": "array", "items": {"type": "string", "pattern": f"^{_DAYS}$|{values.TEMPLATE}"}},
            values.text_schema(rf"^{_DAYS}(,{_DAYS})*$", values.LIST_TEXT),
        ]
    },
)
TIME = values.Conversion(
    _to_time,
    {
        "type": ["string", "integer", "null"],
        "minimum": 0,
        "maximum": 1440,
        "pattern": rf"^\s*[0-9]{{1,2}}:[0-9]{{2}}\s*$|^\s*[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{values.BLANK}|{values.TEMPLATE}",
    },
)

_GIVEN_TEXT: values.Schema = {"type": "string", "pattern": r"\S"}
_WEEKLY_OR_DATED: values.Schema = {
    "anyOf": [
        {"required": ["days"], "properties": {"days": {"anyOf": [{"type": "array", "minItems": 1}, _GIVEN_TEXT]}}},
        {"required": ["from", "to"], "properties": {"from": _GIVEN_TEXT, "to": _GIVEN_TEXT}},
    ]
}


class FreezeWindow(SettingsModel):
    """A time in which no phase is started. It is weekly, with days, or has dates in from and to."""

    model_config = ConfigDict(json_schema_extra=_WEEKLY_OR_DATED)

    timezone: t.Annotated[str, BeforeValidator(TIMEZONE)] = Field(
        description="An IANA name, such as Europe/Berlin or UTC."
    )
    days: t.Annotated[t.Any, BeforeValidator(DAYS)] = Field(
        default=(), description="Days such as fri, or spans such as sat-sun."
    )
    start: t.Annotated[t.Any, BeforeValidator(TIME)] = Field(
        default=None, alias="from", description="A time of the day, or a date with or without a time."
    )
    end: t.Annotated[t.Any, BeforeValidator(TIME)] = Field(
        default=None, alias="to", description="A time of the day, or a date with or without a time."
    )
    environments: Names = Field(default=(), description="Keys of the environments that it is for; all if not given.")
    name: Text = Field(default="", description="How messages call the window.")
    reason: Text = Field(default="", description="Why nothing is started then.")
