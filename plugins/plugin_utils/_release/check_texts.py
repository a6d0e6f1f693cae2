# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Templates in the texts of checks, such as `https://{{ release_phase.environments[0] }}.example.com`.

There is no phase yet when the variables of the role are read. So these texts stay as they are written, and are filled in when the
check runs, once for each phase:

1. `evaluate` takes the raw variables and fills in everything except the texts inside `http`, `prometheus` and `command`. Text that
   Ansible does not trust, such as a survey answer, is never filled in; a check that needs it is refused here, before anything moves.
2. `settings.read_settings` takes the result. `Check.templates` names the texts that are to be filled in.
3. `fill_in` returns the check as it runs for one phase.

Pure: the caller brings Ansible's templating.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from dataclasses import dataclass

from jinja2 import Environment, TemplateError

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import (
    Check,
    SettingsError,
    read_arguments,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_checks import (
    PRESETS,
    CheckTemplate,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_values import (
    UnusableValue,
    is_dictionary_text,
    is_list_text,
    parse_text,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A variable that names another one has a value of its own; this many in a row are a circle.
MAX_REFERENCES = 20

_MARKERS = ("{{", "{%", "{#")
_REFERENCE = re.compile(r"\s*\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\s*")


@dataclass(frozen=True)
class Templating:
    """What this module needs from Ansible.

    `template` returns what a trusted text evaluates to. It treats its argument as trusted: whether it is has been asked before.
    It raises ValueError with a sentence, without the text itself, if the text cannot be evaluated.
    `is_trusted` is False for a text that Ansible marks as unsafe (2.16) or does not mark as a template (2.19).
    `raw_value` returns the value of a variable as it is written, and raises KeyError if there is none.
    """

    template: Callable[[t.Any], t.Any]
    is_trusted: Callable[[str], bool]
    raw_value: Callable[[str], t.Any]


def evaluate(raw: Mapping[str, t.Any], templating: Templating) -> dict[str, t.Any]:
    """What `read_settings` takes, from the raw variables of the role (without their prefix `release_`). Raises SettingsError."""
    return {
        name: {"checks": _checks, "phases": _phases}.get(name, _fill)(f"release_{name}", _Value(value), templating)
        for name, value in raw.items()
    }


def fill_in(check: Check, template: Callable[[str], t.Any]) -> Check:
    """The check as it runs for one phase. `template` is as in Templating, with `release_phase` among its variables.

    Raises SettingsError, which names the check and the key, if a text cannot be filled in or its result cannot be used.
    """
    if not check.templates:
        return check
    where = f"Check {check.name!r}: {check.kind}"
    arguments = check.arguments
    for path in check.templates:
        arguments = _replace(arguments, path, _template(f"{where}{_dotted(path)}", _find(arguments, path), template))
    return dataclasses.replace(check, arguments=read_arguments(where, check.kind, arguments), templates=())


def texts_to_fill_in(check: Check) -> dict[str, str]:
    """The texts of a check that `fill_in` will fill in, by their place, such as `url` or `headers.Authorization`."""
    return {_dotted(path).lstrip("."): _find(check.arguments, path) for path in check.templates}


def has_template(text: str) -> bool:
    return any(marker in text for marker in _MARKERS)


def needs_template(text: str) -> bool:
    """Is the text a template? One that Jinja cannot parse, such as `{{.State}}` for docker, is meant literally."""
    if not has_template(text):
        return False
    try:
        _JINJA.parse(text)
    except TemplateError:
        return False
    return True


_JINJA = Environment(autoescape=False)  # noqa: S701 - it parses and never renders


@dataclass(frozen=True)
class _Value:
    """A value, and whether it comes from a text that is trusted (None: it is not from a text, so each text says that itself)."""

    value: t.Any
    trusted: bool | None = None

    def part(self, value: t.Any) -> _Value:
        return _Value(value, self.trusted)

    def is_template(self, templating: Templating) -> bool:
        """Is it a trusted text with a template?"""
        return isinstance(self.value, str) and has_template(self.value) and self.is_trusted(templating)

    def is_trusted(self, templating: Templating) -> bool:
        return templating.is_trusted(self.value) if self.trusted is None else self.trusted


def _phases(where: str, given: _Value, templating: Templating) -> t.Any:
    return _each(where, given, templating, _phase)


def _phase(where: str, given: _Value, templating: Templating) -> t.Any:
    return _entries(where, given, templating, {"checks": _checks})


def _checks(where: str, given: _Value, templating: Templating) -> t.Any:
    return _each(where, given, templating, _check)


def _check(where: str, given: _Value, templating: Templating) -> t.Any:
    return _entries(where, given, templating, dict.fromkeys(PRESETS, _preset))


def _preset(where: str, given: _Value, templating: Templating) -> t.Any:
    # A command may be a text, which is filled in like one inside the dictionary.
    opened = (
        given
        if where.endswith(".command") and not _names_dictionary(given, templating)
        else _open(where, given, templating)
    )
    return _keep(where, opened, templating)


def _names_dictionary(given: _Value, templating: Templating) -> bool:
    """Does a command name a variable that holds a dictionary?"""
    if not isinstance(given.value, str):
        return False
    found = _REFERENCE.fullmatch(given.value) if given.is_trusted(templating) else None
    if not found:
        return is_dictionary_text(given.value)
    try:
        return not isinstance(templating.raw_value(found[1]), str)
    except KeyError:
        return False


def _each(where: str, given: _Value, templating: Templating, item: _Evaluator) -> t.Any:
    opened = _open(where, given, templating)
    if not isinstance(opened.value, (list, tuple)):
        # Text that is the name of a task file.
        return opened.value
    return [item(f"{where}[{index}]", opened.part(entry), templating) for index, entry in enumerate(opened.value)]


def _entries(where: str, given: _Value, templating: Templating, special: Mapping[str, _Evaluator]) -> t.Any:
    opened = _open(where, given, templating)
    if not hasattr(opened.value, "items"):
        return opened.value
    return {
        key: special.get(key, _fill)(f"{where}.{key}", opened.part(entry), templating)
        for key, entry in opened.value.items()
    }


def _open(where: str, given: _Value, templating: Templating) -> _Value:
    """What a text stands for: the value of the variable that it names, a list or dictionary in YAML, or else the text filled in.

    A variable that is named is not evaluated as a whole, since the texts of its checks have to stay as they are written.
    """
    for _reference in range(MAX_REFERENCES):
        if not isinstance(given.value, str):
            return given
        found = _REFERENCE.fullmatch(given.value)
        if found and given.is_trusted(templating):
            try:
                given = _Value(templating.raw_value(found[1]))
            except KeyError:
                return _Value(_template(where, given.value, templating.template), trusted=False)
        elif is_list_text(given.value) or is_dictionary_text(given.value):
            return _Value(_parse(where, given.value), given.is_trusted(templating))
        else:
            # What a template evaluates to is never evaluated again.
            return _Value(_fill(where, given, templating), trusted=False)
    raise SettingsError(f"{where} names a variable that names itself.")


def _parse(where: str, text: str) -> t.Any:
    try:
        return parse_text(text)
    except UnusableValue as error:
        raise SettingsError(f"{where} {error}.") from None


def _fill(where: str, given: _Value, templating: Templating) -> t.Any:
    value = given.value
    if hasattr(value, "items"):
        return {key: _fill(f"{where}.{key}", given.part(item), templating) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_fill(f"{where}[{index}]", given.part(item), templating) for index, item in enumerate(value)]
    return _template(where, value, templating.template) if given.is_template(templating) else value


def _keep(where: str, given: _Value, templating: Templating) -> t.Any:
    """The texts as they are written; each that is to be filled in is marked."""
    value = given.value
    if hasattr(value, "items"):
        return {key: _keep(f"{where}.{key}", given.part(item), templating) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_keep(f"{where}[{index}]", given.part(item), templating) for index, item in enumerate(value)]
    if given.is_template(templating):
        return CheckTemplate(value)
    if isinstance(value, str) and needs_template(value):
        raise SettingsError(
            f"{where} has a template, but comes from where Ansible runs none: a survey answer, a value marked !unsafe, or the result"
            " of another template. Write it in a playbook, an inventory or a file of variables."
        )
    return value


def _template(where: str, text: t.Any, template: Callable[[t.Any], t.Any]) -> t.Any:
    try:
        return template(str(text) if isinstance(text, CheckTemplate) else text)
    except ValueError as error:
        raise SettingsError(f"{where} cannot be filled in: {error}") from None


_Path = tuple[t.Union[str, int], ...]
_Evaluator = t.Callable[[str, _Value, Templating], t.Any]


def _find(value: t.Any, path: _Path) -> t.Any:
    for key in path:
        value = value[key]
    return value


def _replace(value: t.Any, path: _Path, new: t.Any) -> t.Any:
    if not path:
        return new
    changed: t.Any = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = _replace(value[path[0]], path[1:], new)
    return changed


def _dotted(path: _Path) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
