# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The settings of the role `release`, converted and checked in one place. Pure.

Role argument specs validate but do not convert, and `-e name=value` and AWX surveys deliver strings: so every value may arrive
as a string, and this is where it gets its type.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.freeze_windows import (
    WindowError,
    read_windows,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DEFAULT_WAIT_TIMEOUT = 3600.0
ONE_DAY = 86400.0
DEFAULT_WAIT_INTERVAL = 10.0
# An attempt is a task file that is included by the one before it, and each makes Ansible slower.
MOST_ATTEMPTS = 60
PRESETS = ("http", "prometheus", "command")

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


# What `release_phase` holds while Ansible checks the role's variables, before there is a phase; see the role's defaults.
STAND_IN = "<release_phase>"


class SettingsError(ValueError):
    """A variable of the role cannot be used; the message is a sentence that names it."""


class CheckTemplate(str):
    """A text of a check that is filled in when the check runs; see check_texts."""

    __slots__ = ()


@dataclass(frozen=True)
class Check:
    """One check. `kind` is `tasks` or a preset; `arguments` are the preset's; `interval` is in seconds.

    `templates` are the places in `arguments` whose texts are filled in when the check runs.
    """

    name: str
    kind: str
    file: str | None
    arguments: dict[str, t.Any]
    attempts: int = 1
    interval: float = 10.0
    failure_limit: int = 0
    consecutive_success: int = 1
    during: str = ""
    templates: tuple[tuple[str | int, ...], ...] = ()


@dataclass(frozen=True)
class PhaseSettings:
    """Settings of one phase; `soak` and `wait_timeout` are seconds."""

    phase: str
    audiences: list[dict[str, t.Any]] | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    soak: float = 0.0
    wait_timeout: float | None = None
    confirm: bool = False


@dataclass(frozen=True)
class Settings:
    until: str | None
    phases: tuple[PhaseSettings, ...]
    checks: tuple[Check, ...]
    wait: bool
    wait_timeout: float | None
    wait_interval: float
    final_status: str
    confirmed: tuple[str, ...]
    ask: bool
    on_changed_by_others: str
    on_approval: str
    approval_timeout: float
    on_failure: str
    freeze: list[dict[str, t.Any]]
    freeze_action: str
    freeze_override: str | None
    notify: tuple[str, ...]
    skip: tuple[str, ...] = ()


def read_settings(raw: Mapping[str, t.Any]) -> Settings:
    """`raw` maps the role's variables, without their prefix `release_`, to what arrived."""
    raw = {name: _builtin(f"release_{name}", value) for name, value in raw.items()}
    return Settings(
        until=_text(raw.get("until")),
        phases=tuple(
            _phase(f"release_phases[{i}]", item) for i, item in enumerate(_list("release_phases", raw.get("phases")))
        ),
        checks=_checks("release_checks", raw.get("checks")),
        wait=read_bool("release_wait", raw.get("wait"), default=True),
        wait_timeout=_optional(read_seconds, "release_wait_timeout", raw.get("wait_timeout")),
        wait_interval=_wait_interval(raw.get("wait_interval")),
        final_status=_choice("release_final_status", raw.get("final_status"), ("completed", "active")),
        confirmed=tuple(read_names("release_confirmed", raw.get("confirmed"))),
        ask=read_bool("release_ask", raw.get("ask"), default=False),
        on_changed_by_others=_choice(
            "release_on_changed_by_others", raw.get("on_changed_by_others"), ("adopt", "stop")
        ),
        on_approval=_choice("release_on_approval", raw.get("on_approval"), ("wait", "return", "apply")),
        approval_timeout=_approval_timeout(raw.get("approval_timeout")),
        on_failure=_choice("release_on_failure", raw.get("on_failure"), ("stop", "turn_off", "turn_off_all")),
        freeze=_windows(raw.get("freeze")),
        freeze_action=_choice("release_freeze_action", raw.get("freeze_action"), ("stop", "wait")),
        freeze_override=_text(raw.get("freeze_override")),
        notify=()
        if "hooks" in read_names("skip", raw.get("skip"))
        else read_files("release_notify", raw.get("notify")),
        skip=tuple(read_names("skip", raw.get("skip"))),
    )


def _windows(value: t.Any) -> list[dict[str, t.Any]]:
    """Kept as they were written, since facts hold plain data; reading them once shows whether they can be read."""
    windows = [_mapping(f"release_freeze[{index}]", item) for index, item in enumerate(_list("release_freeze", value))]
    try:
        read_windows("release_freeze", windows)
    except WindowError as error:
        raise SettingsError(str(error)) from error
    return windows


def _builtin(name: str, value: t.Any) -> t.Any:
    """Ansible's containers, which template what they hold when it is looked at, as plain ones."""
    if isinstance(value, Mapping):
        return {key: _builtin(f"{name}.{key}", item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_builtin(f"{name}[{index}]", item) for index, item in enumerate(value)]
    if isinstance(value, str) and STAND_IN in value:
        raise SettingsError(
            f"{name} uses release_phase, which is known only while a phase runs. Use it in the texts inside http, prometheus and"
            " command of a check, written in release_checks or release_phases itself or in a variable that these name alone."
        )
    return value


def _wait_interval(value: t.Any) -> float:
    seconds = _optional(read_seconds, "release_wait_interval", value)
    if seconds == 0:
        raise SettingsError(f"release_wait_interval is {value!r}: a pause has to be longer than nothing.")
    return DEFAULT_WAIT_INTERVAL if seconds is None else seconds


def _approval_timeout(value: t.Any) -> float:
    seconds = _optional(read_seconds, "release_approval_timeout", value)
    return ONE_DAY if seconds is None else seconds


def read_bool(name: str, value: t.Any, *, default: bool) -> bool:
    if value is None or value == "":
        return default
    try:
        return bool(boolean(value))
    except TypeError as error:
        raise SettingsError(f"{name} is {value!r}, which is neither true nor false.") from error


def read_seconds(name: str, value: t.Any) -> float:
    """A number of seconds, or a number with a unit: 90s, 15m, 2h, 1d."""
    found = _DURATION.fullmatch(str(value))
    if isinstance(value, bool) or not found:
        raise SettingsError(f"{name} is {value!r}: give seconds, or a number with a unit such as 90s, 15m, 2h or 1d.")
    return float(found[1]) * _SECONDS[found[2]]


def read_whole(name: str, value: t.Any, smallest: int) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not text.isdecimal() or int(text) < smallest:
        raise SettingsError(f"{name} is {value!r}: give a whole number, {smallest} or more.")
    return int(text)


T = t.TypeVar("T")


def _optional(read: Callable[[str, t.Any], T], name: str, value: t.Any) -> T | None:
    return None if value is None or value == "" else read(name, value)


def _text(value: t.Any) -> str | None:
    return None if value is None or str(value).strip() == "" else str(value)


def _choice(name: str, value: t.Any, choices: tuple[str, ...]) -> str:
    text = _text(value) or choices[0]
    if text not in choices:
        raise SettingsError(f"{name} is {value!r}: it is one of {', '.join(choices)}.")
    return text


def is_container_text(value: str) -> bool:
    """Is the text a list or dictionary in YAML or JSON, and not a template as a whole?"""
    text = value.lstrip()
    return text.startswith(("[", "{", "- ", "-\n")) and not text.startswith(("{{", "{%", "{#"))


def parse_text(name: str, value: t.Any) -> t.Any:
    """A list or dictionary that arrived as text, in YAML or JSON."""
    if not isinstance(value, str) or isinstance(value, CheckTemplate):
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise SettingsError(f"{name} is text that is not YAML: {value!r}.") from error


def _list(name: str, value: t.Any) -> list[t.Any]:
    parsed = parse_text(name, value)
    if parsed is None or parsed == "":
        return []
    if not isinstance(parsed, list):
        raise SettingsError(f"{name} has to be a list.")
    return list(parsed)


def read_names(name: str, value: t.Any) -> list[str]:
    """A list, or names separated by commas, as a person types them."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(item) for item in _list(name, value)]


def read_files(name: str, value: t.Any) -> tuple[str, ...]:
    if isinstance(value, str) and value.strip() and not value.lstrip().startswith("["):
        return (value,)
    return tuple(str(item) for item in _list(name, value))


def _known_only(name: str, given: Iterable[str], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise SettingsError(f"{name} has {', '.join(unknown)}, which is not known there; known are {', '.join(known)}.")


def _mapping(name: str, value: t.Any) -> dict[str, t.Any]:
    parsed = parse_text(name, value)
    if not isinstance(parsed, dict):
        raise SettingsError(f"{name} has to be a dictionary.")
    return dict(parsed)


_PHASE_KEYS = ("phase", "audiences", "before", "after", "checks", "soak", "wait_timeout", "confirm")


def _phase(name: str, value: t.Any) -> PhaseSettings:
    given = _mapping(name, value)
    _known_only(name, given, _PHASE_KEYS)
    phase = _text(given.get("phase"))
    if phase is None:
        raise SettingsError(f"{name} does not say which phase it is about: phase is missing.")
    return PhaseSettings(
        phase=phase,
        audiences=_audiences(f"{name}.audiences", given.get("audiences")),
        before=read_files(f"{name}.before", given.get("before")),
        after=read_files(f"{name}.after", given.get("after")),
        checks=_checks(f"{name}.checks", given.get("checks")),
        soak=_optional(read_seconds, f"{name}.soak", given.get("soak")) or 0.0,
        wait_timeout=_optional(read_seconds, f"{name}.wait_timeout", given.get("wait_timeout")),
        confirm=read_bool(f"{name}.confirm", given.get("confirm"), default=False),
    )


_AUDIENCE_KEYS = ("audience", "release_guardian_configuration", "notify_member_ids", "notify_team_keys")
_WINDOW = "monitoring_window_milliseconds"


def _audiences(name: str, value: t.Any) -> list[dict[str, t.Any]] | None:
    """As ld_release_phase takes them, which has the last word; what it would refuse halfway is refused here."""
    if value is None or value == "":
        return None
    return [_audience(f"{name}[{i}]", item) for i, item in enumerate(_list(name, value))]


def _audience(name: str, value: t.Any) -> dict[str, t.Any]:
    given = _mapping(name, value)
    _known_only(name, given, _AUDIENCE_KEYS)
    if _text(given.get("audience")) is None:
        raise SettingsError(f"{name} does not say which audience it is about: audience is missing.")
    part = "release_guardian_configuration"
    if given.get(part) is None:
        return given
    guardian = _mapping(f"{name}.{part}", given[part])
    if guardian.get(_WINDOW) is not None:
        guardian[_WINDOW] = read_whole(f"{name}.{part}.{_WINDOW}", guardian[_WINDOW], 0)
    return {**given, part: guardian}


_CHECK_KEYS = ("name", "tasks", *PRESETS, "attempts", "interval", "failure_limit", "consecutive_success", "during")


def _checks(name: str, value: t.Any) -> tuple[Check, ...]:
    if isinstance(value, str) and value.strip() and not value.lstrip().startswith(("[", "- ", "-\n")):
        value = [value]
    return tuple(_check(f"{name}[{i}]", item) for i, item in enumerate(_list(name, value)))


def _check(name: str, value: t.Any) -> Check:
    if isinstance(value, str) and not is_container_text(value):
        return Check(name=value, kind="tasks", file=value, arguments={})
    given = _mapping(name, value)
    _known_only(name, given, _CHECK_KEYS)
    kinds = [kind for kind in ("tasks", *PRESETS) if kind in given]
    if len(kinds) != 1:
        raise SettingsError(f"{name} needs one of tasks, {', '.join(PRESETS)}, and has {', '.join(kinds) or 'none'}.")
    kind = kinds[0]
    attempts = read_whole(f"{name}.attempts", given.get("attempts", 1), 1)
    if attempts > MOST_ATTEMPTS:
        raise SettingsError(f"{name}.attempts is {attempts}: at most {MOST_ATTEMPTS}; give a longer interval instead.")
    needed = read_whole(f"{name}.consecutive_success", given.get("consecutive_success", 1), 1)
    during = _choice(f"{name}.during", given.get("during"), ("", "soak"))
    if needed > attempts and not during:
        raise SettingsError(f"{name} wants {needed} successes in a row in {attempts} attempts, which cannot be.")
    arguments = read_arguments(f"{name}.{kind}", kind, given[kind]) if kind != "tasks" else {}
    return Check(
        name=_text(given.get("name")) or (str(given["tasks"]) if kind == "tasks" else kind),
        kind=kind,
        file=str(given["tasks"]) if kind == "tasks" else None,
        arguments=arguments,
        attempts=attempts,
        interval=read_seconds(f"{name}.interval", given.get("interval", 10)),
        failure_limit=read_whole(f"{name}.failure_limit", given.get("failure_limit", 0), 0),
        consecutive_success=needed,
        during=during,
        templates=tuple(_templates(arguments)),
    )


def _templates(value: t.Any) -> Iterator[tuple[str | int, ...]]:
    """The places of all texts that are filled in later."""
    if isinstance(value, CheckTemplate):
        yield ()
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        yield from ((key, *rest) for rest in _templates(item))


def replace_arguments(check: Check, arguments: dict[str, t.Any]) -> Check:
    return dataclasses.replace(check, arguments=arguments, templates=())


_ARGUMENTS = {
    "http": (("url",), ("status", "condition", "headers", "method", "validate_certs", "timeout")),
    "prometheus": (("url", "query", "condition"), ("headers", "validate_certs", "timeout")),
    "command": ((), ("cmd", "argv", "chdir", "rc")),
}


def read_arguments(name: str, kind: str, value: t.Any) -> dict[str, t.Any]:
    """The arguments of a preset. A text that is filled in later is kept as it is."""
    given = {"cmd": value} if kind == "command" and isinstance(value, str) else _mapping(name, value)
    required, optional = _ARGUMENTS[kind]
    _known_only(name, given, required + optional)
    missing = [key for key in required if given.get(key) in (None, "")]
    if missing:
        raise SettingsError(f"{name} lacks {', '.join(missing)}.")
    if kind == "command" and ("cmd" in given) == ("argv" in given):
        raise SettingsError(f"{name} needs one of cmd and argv.")
    converted: dict[str, t.Any] = {}
    if "status" in given and not isinstance(given["status"], CheckTemplate):
        statuses = given["status"] if isinstance(given["status"], list) else [given["status"]]
        converted["status"] = [
            item if isinstance(item, CheckTemplate) else read_whole(f"{name}.status", item, 100) for item in statuses
        ]
    if "rc" in given and not isinstance(given["rc"], CheckTemplate):
        converted["rc"] = read_whole(f"{name}.rc", given["rc"], 0)
    return {**given, **converted}
