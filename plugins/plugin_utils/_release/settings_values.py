# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Single values of the role's settings: from what a person, `-e` or a survey gives to what the settings model expects. Pure.

A conversion returns the value or raises UnusableValue with the end of a sentence that begins with the name of the setting. The sentence
never repeats the value, which may be a secret. `schema` says the same to editors.
"""

from __future__ import annotations

import datetime
import json
import math
import re
import typing as t
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import yaml

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.durations import parse_seconds

Schema = dict[str, t.Any]

# Patterns for editors, as JSON Schema understands them: a text that counts as not given, and a template, which may become anything.
BLANK = r"^\s*$"
TEMPLATE = r"\{\{|\{%"
_DURATION = r"^\s*[0-9]+(\.[0-9]+)?\s*[smhd]?\s*$"
LIST_TEXT = r"^\s*\[|^\s*-\s"
DICTIONARY_TEXT = r"\{|:\s|:$"

_TRUE = ("y", "yes", "on", "1", "true", "t")
_FALSE = ("n", "no", "off", "0", "false", "f")
_WHOLE = re.compile(r"[0-9]{1,15}")


class UnusableValue(ValueError):
    """The end of a sentence that begins with the name of the setting."""


# Compared by identity: typing takes two equal ones for the same type.
@dataclass(frozen=True, eq=False)
class Conversion:
    """`schema` is what the conversion accepts. With `adds`, it is what is accepted beside the type of the field itself."""

    convert: Callable[[t.Any], t.Any]
    schema: Schema
    adds: bool = False

    def __call__(self, value: t.Any) -> t.Any:
        return self.convert(value)


def text_schema(*patterns: str) -> Schema:
    """A text, null or a template; one of the patterns has to match."""
    return {"type": ["string", "null"], "pattern": "|".join([*patterns, BLANK, TEMPLATE])}


def required(schema: Schema) -> Schema:
    """The schema without null and without a blank text."""
    types = [word for word in schema["type"] if word != "null"]
    return {**schema, "type": types, "pattern": schema.get("pattern", r"\S").replace(f"|{BLANK}", "")}


def is_blank(value: t.Any) -> bool:
    """Null and an empty text count as not given: an optional question of a survey that was left open is one of the two."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_list_text(value: str) -> bool:
    return bool(re.match(r"\s*(\[|-\s)", value))


def is_dictionary_text(value: str) -> bool:
    return bool(re.match(r"\s*\{(?![{%#])", value))


def parse_text(value: str) -> t.Any:
    """A list or dictionary that arrives as text."""
    try:
        return yaml.safe_load(value)
    except (yaml.YAMLError, ValueError, RecursionError):
        # The parser's own words contain the text.
        raise UnusableValue("is text that is neither JSON nor YAML") from None


def to_list(value: t.Any) -> list[t.Any]:
    if is_blank(value):
        return []
    parsed = parse_text(value) if isinstance(value, str) else value
    if not isinstance(parsed, (list, tuple)):
        raise UnusableValue("must be a list")
    return list(parsed)


def to_dictionary(value: t.Any) -> dict[str, t.Any]:
    parsed = parse_text(value) if isinstance(value, str) else value
    if not isinstance(parsed, Mapping):
        raise UnusableValue("must be a dictionary")
    return {str(key): item for key, item in parsed.items()}


def to_text(value: t.Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise UnusableValue("must be text, not true or false; put a name such as 'on' in quotes")
    if isinstance(value, (int, float, datetime.date)):
        return str(value)
    raise UnusableValue("must be text")


def _to_bool(value: t.Any) -> bool:
    word = value.strip().lower() if isinstance(value, str) else value
    if isinstance(word, (str, int, float)):
        if word in _TRUE or word == 1:
            return True
        if word in _FALSE or word == 0:
            return False
    raise UnusableValue("must be true or false")


def _to_seconds(value: t.Any) -> float:
    seconds = parse_seconds(value)
    if seconds is None:
        raise UnusableValue("must be seconds, or a number with a unit such as 90s, 15m, 2h or 1d")
    return seconds


def to_interval(value: t.Any) -> float:
    seconds = _to_seconds(value)
    if seconds <= 0:
        raise UnusableValue("must be greater than 0")
    return seconds


def to_names(value: t.Any) -> list[str]:
    """A list, or names separated by commas or lines, as a person types them."""
    if isinstance(value, str) and not is_list_text(value):
        return [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
    return _each_text(value)


def _to_files(value: t.Any) -> list[str]:
    if isinstance(value, str) and not is_blank(value) and not is_list_text(value):
        return [value]
    return _each_text(value)


def _each_text(value: t.Any) -> list[str]:
    items = to_list(value)
    if any(is_blank(item) or isinstance(item, (bool, list, tuple, Mapping)) for item in items):
        raise UnusableValue("must be a list of texts")
    return [to_text(item) for item in items]


def _to_variation(value: t.Any) -> str:
    """The id, the name or the value of a variation; a value that is not text is written as JSON, as LaunchDarkly shows it."""
    return value if isinstance(value, str) else json.dumps(value)


def whole(smallest: int, largest: int | None = None) -> Conversion:
    limits = {"minimum": smallest, **({} if largest is None else {"maximum": largest})}

    def convert(value: t.Any) -> int:
        number = whole_number(value)
        if number is None or number < smallest:
            raise UnusableValue(f"must be a whole number, {smallest} or more")
        if largest is not None and number > largest:
            raise UnusableValue(f"must be {largest} or less")
        return number

    return Conversion(
        convert, {"type": ["integer", "string", "null"], **limits, "pattern": rf"^\s*[0-9]+\s*$|{BLANK}|{TEMPLATE}"}
    )


def whole_number(value: t.Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    text = str(value).strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def choice(*words: str) -> Conversion:
    def convert(value: t.Any) -> str:
        if value not in words:
            raise UnusableValue(
                f"must be {', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else f"must be {words[0]}"
            )
        return str(value)

    return Conversion(convert, {"anyOf": [{"enum": list(words)}, text_schema()]})


def choices(*words: str) -> Conversion:
    """A list of some of the words, or text with commas."""
    one = choice(*words)

    def convert(value: t.Any) -> list[str]:
        return [one(item) for item in to_names(value)]

    return Conversion(
        convert,
        {
            "anyOf": [
                {"type": "array", "items": {"anyOf": [{"enum": list(words)}, {"type": "string", "pattern": TEMPLATE}]}},
                {"type": ["string", "null"]},
            ]
        },
    )


NAME_SCHEMA: Schema = {"type": ["string", "number"], "pattern": r"\S"}
TEXT_SCHEMA: Schema = {"type": ["string", "number", "null"]}
_LIST_OF_NAMES: Schema = {"anyOf": [{"type": "array", "items": NAME_SCHEMA}, {"type": ["string", "null"]}]}
# JSON Schema has no switch for upper and lower case.
_BOOLEAN_WORD = "|".join(
    "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in word)
    for word in (*_TRUE, *_FALSE)
)

NAME = Conversion(to_text, NAME_SCHEMA)
TEXT = Conversion(to_text, TEXT_SCHEMA)
NAMES = Conversion(to_names, _LIST_OF_NAMES)
FILES = Conversion(_to_files, _LIST_OF_NAMES)
VARIATION = Conversion(_to_variation, {})
BOOLEAN = Conversion(
    _to_bool,
    {
        "type": ["boolean", "integer", "string", "null"],
        "minimum": 0,
        "maximum": 1,
        "pattern": rf"^\s*({_BOOLEAN_WORD})\s*$|{BLANK}|{TEMPLATE}",
    },
)
SECONDS = Conversion(
    _to_seconds, {"type": ["number", "string", "null"], "minimum": 0, "pattern": f"{_DURATION}|{BLANK}|{TEMPLATE}"}
)
INTERVAL = Conversion(to_interval, {**SECONDS.schema, "exclusiveMinimum": 0})
LIST = Conversion(to_list, text_schema(LIST_TEXT), adds=True)
# Every dictionary may be a text, which the model itself reads.
DICTIONARY_TEXT_SCHEMA: Schema = {"type": "string", "pattern": f"{DICTIONARY_TEXT}|{TEMPLATE}"}
NOT_GIVEN_SCHEMA: Schema = {"type": ["string", "null"], "pattern": BLANK}
