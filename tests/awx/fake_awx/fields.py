# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an object in the fake AWX has, and which values it takes."""

from __future__ import annotations

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


class Refused(Exception):
    """An answer that is no success. A text as its body is a page of HTML."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


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
    # What no two objects have alike, and the answer to a second one.
    unique: tuple[str, ...] = ()
    double: Mapping[str, str] = field(default_factory=dict)
    # Sent by clients, and not theirs to set.
    read_only: Mapping[str, Field] = field(default_factory=dict)
    # What can be put into a list of an object, and where it comes from.
    lists: Mapping[str, str] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    # Without, AWX shows single ones only.
    has_list: bool = True

    @property
    def model(self) -> str:
        """As AWX names it in an answer."""
        return "".join(word.title() for word in self.type.split("_"))

    @property
    def filters(self) -> Mapping[str, Field]:
        return {**self.fields, **self.read_only}

    def checked(self, body: object, *, partly: bool) -> tuple[Item, Errors]:
        """The values to keep, and what is wrong with those that were sent."""
        if not isinstance(body, dict):
            return {}, {"detail": "JSON object expected."}
        errors: Errors = {
            name: ["Unknown field."]
            for name in body.keys() - self.fields.keys() - self.read_only.keys() - {"id", "type"}
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
