# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the models of the role's settings share. Pure."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    model_validator,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_values as values

Name = t.Annotated[str, BeforeValidator(values.NAME)]
Text = t.Annotated[str, BeforeValidator(values.TEXT)]
Names = t.Annotated[tuple[str, ...], BeforeValidator(values.NAMES)]
Files = t.Annotated[tuple[str, ...], BeforeValidator(values.FILES)]
Boolean = t.Annotated[bool, BeforeValidator(values.BOOLEAN)]
Seconds = t.Annotated[float, BeforeValidator(values.SECONDS)]
Count = t.Annotated[int, BeforeValidator(values.whole(0))]
AtLeastOne = t.Annotated[int, BeforeValidator(values.whole(1))]


def _unknown(unknown: list[str], known: list[str]) -> str:
    names = ", ".join(plain(name) for name in unknown)
    similar = difflib.get_close_matches(unknown[0], known, n=1)
    question = f" Did you mean {similar[0]}?" if similar and len(unknown) == 1 else ""
    return f"has an unknown key {names}.{question} Valid keys: {', '.join(known)}"


def exactly_one(*keys: str) -> values.Schema:
    """For the JSON schema of a model."""
    return {"oneOf": [{"required": [key], "properties": {key: {"not": values.NOT_GIVEN_SCHEMA}}} for key in keys]}


class SettingsModel(BaseModel):
    """A key that is not given is left out, and an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: t.Any) -> t.Any:
        given = values.to_dictionary(value)
        known = {field.alias or name: field for name, field in cls.model_fields.items()}
        unknown = sorted(set(given) - set(known))
        if unknown and cls.model_config.get("extra") == "forbid":
            raise values.UnusableValue(_unknown(unknown, list(known)))
        missing = [name for name, field in known.items() if field.is_required() and values.is_blank(given.get(name))]
        if missing:
            raise values.UnusableValue(f"needs {' and '.join(missing)}")
        return {name: item for name, item in given.items() if not values.is_blank(item)}

    def given(self) -> dict[str, t.Any]:
        """The keys that were given, as they are written, with their values."""
        return {
            field.alias or name: getattr(self, name)
            for name, field in type(self).model_fields.items()
            if name in self.model_fields_set
        }

    def full(self) -> dict[str, t.Any]:
        """All keys with their values, for models that hold single values."""
        return {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}
