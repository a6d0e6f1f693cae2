# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The settings of the role `release`, as a run uses them. Pure.

Role argument specs validate but do not convert, and `-e name=value` and AWX surveys deliver text. So every value may arrive as text;
the settings model converts and checks it, and its errors become sentences here.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import MISSING, ValidationError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_checks as check_model
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_model as model
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_values as values
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.freeze_windows import (
    WindowError,
    read_windows,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_base import SettingsModel
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_environments import (
    EnvironmentSettings,
    read_environments,
)

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_windows import FreezeWindow

DEFAULT_WAIT_TIMEOUT = 3600.0
# What `release_phase` holds while Ansible checks the role's variables, before there is a phase; see the role's defaults.
STAND_IN = "<release_phase>"


class SettingsError(ValueError):
    """A variable of the role cannot be used; the message is a sentence that names it and does not repeat its value."""

    code = "invalid_option"


class MissingLibrary(SettingsError):
    """Nothing can be read without pydantic."""

    code = "missing_library"


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
    """All variables of the role. Times are seconds; None and empty text stand for what is not given."""

    project_key: str
    flag_key: str
    pipeline_key: str | None
    variation: str | None
    environments: tuple[EnvironmentSettings, ...]
    retry: tuple[str, ...]
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
    notify_events: tuple[str, ...]
    webhook_url: str | None
    chat_url: str | None
    slack_url: str | None
    teams_url: str | None
    report_dir: str | None
    report_publish: tuple[str, ...]
    report_template: str | None
    tasks_dir: str | None
    skip: tuple[str, ...]


def read_settings(raw: Mapping[str, t.Any]) -> Settings:
    """`raw` maps the role's variables, without their prefix `release_`, to what arrived. Raises SettingsError.

    Unknown names are ignored: they are other variables of the role, or a user's own.
    """
    plain = {name: _builtin(f"release_{name}", value) for name, value in raw.items()}
    if "hooks" in read_names("skip", plain.get("skip")):
        plain["notify"] = None
    read = _validate("release_", model.ReleaseSettings, plain)
    names = {field.name for field in dataclasses.fields(Settings)} - {"environments", "phases", "checks", "freeze"}
    same = {name: getattr(read, name) for name in names}
    _refuse_combinations(read)
    return Settings(
        environments=_environments(read),
        phases=tuple(_phase(item) for item in read.phases),
        checks=tuple(_check(item) for item in read.checks),
        freeze=_windows(read.freeze),
        **same,
    )


def read_names(name: str, value: t.Any) -> list[str]:
    """A list, or names separated by commas or lines."""
    return list(_convert(name, values.NAMES, value))


def read_files(name: str, value: t.Any) -> tuple[str, ...]:
    """A list of task files, or one."""
    return tuple(_convert(name, values.FILES, value))


def read_arguments(name: str, kind: str, value: t.Any) -> dict[str, t.Any]:
    """The arguments of a preset. A text that is filled in later is kept as it is."""
    return dict(_validate(name, _PRESETS[kind], value).given())


_PRESETS: dict[str, type[SettingsModel]] = {
    "http": check_model.HttpCheck,
    "prometheus": check_model.PrometheusCheck,
    "command": check_model.CommandCheck,
}


def _builtin(name: str, value: t.Any) -> t.Any:
    """Ansible's containers, which template what they hold when it is read, as plain ones. Texts stay the objects they are."""
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


def _convert(name: str, convert: Callable[[t.Any], t.Any], value: t.Any) -> t.Any:
    try:
        return convert(value)
    except values.UnusableValue as error:
        raise SettingsError(f"{name} {error}.") from None


M = t.TypeVar("M", bound=SettingsModel)


def _validate(where: str, kind: type[M], value: t.Any) -> M:
    if "pydantic >= 2" in MISSING:
        raise MissingLibrary(
            "The role needs the Python package pydantic 2 on the controller. Install it into the Python that runs ansible-playbook:"
            " pip install 'pydantic>=2'"
        )
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        # Not as its cause: ansible-core prints causes, and pydantic's words contain the value.
        sentences = dict.fromkeys(_sentence(where, item) for item in error.errors())
        raise SettingsError(" ".join(sentences)) from None


def _sentence(where: str, error: t.Any) -> str:
    """Conversions and the model raise the end of a sentence; its beginning is the place."""
    place = _place(where, error["loc"])
    said = str(error["ctx"]["error"]) if error["type"] == "value_error" else "cannot be used"
    return f"{place}{said}." if said.startswith(":") else f"{place} {said}."


def _place(where: str, location: Sequence[str | int]) -> str:
    place = where
    for key in location:
        if isinstance(key, int):
            place += f"[{key}]"
        else:
            place += key if place.endswith("_") else f".{key}"
    return place


def _refuse_combinations(read: model.ReleaseSettings) -> None:
    """Release pipelines and environments are two ways, and each has variables that mean nothing for the other."""
    if not read.environments:
        refused = {
            f"release_on_failure: {read.on_failure}": read.on_failure in ("roll_back", "restore"),
            "release_retry": bool(read.retry),
        }
        problems = [f"{name} needs release_environments." for name, given in refused.items() if given]
    else:
        refused = {
            "release_pipeline_key": read.pipeline_key is not None,
            "release_final_status: active": read.final_status == "active",
            **{f"release_phases[{i}].audiences": item.audiences is not None for i, item in enumerate(read.phases)},
        }
        problems = [
            f"{name} does not go with release_environments: remove one of the two."
            for name, given in refused.items()
            if given
        ]
    if problems:
        raise SettingsError(" ".join(problems))


def _environments(read: model.ReleaseSettings) -> tuple[EnvironmentSettings, ...]:
    try:
        return read_environments(read.environments, read.variation)
    except values.UnusableValue as error:
        raise SettingsError(f"release_environments{error}.") from None


def _phase(given: model.Phase) -> PhaseSettings:
    return PhaseSettings(
        phase=given.phase,
        audiences=None if given.audiences is None else [_audience(item) for item in given.audiences],
        before=tuple(given.before),
        after=tuple(given.after),
        checks=tuple(_check(item) for item in given.checks),
        soak=given.soak,
        wait_timeout=given.wait_timeout,
        confirm=given.confirm,
    )


def _audience(given: model.Audience) -> dict[str, t.Any]:
    """As the option `audiences` of ld_release_phase takes it."""
    guardian = given.release_guardian_configuration
    return {**given.given(), **({"release_guardian_configuration": guardian.given()} if guardian else {})}


def _check(given: check_model.Check) -> Check:
    preset = getattr(given, given.kind)
    arguments = preset.given() if isinstance(preset, SettingsModel) else {}
    return Check(
        name=given.name or given.tasks or given.kind,
        kind=given.kind,
        file=given.tasks,
        arguments=arguments,
        attempts=given.attempts,
        interval=given.interval,
        failure_limit=given.failure_limit,
        consecutive_success=given.consecutive_success,
        during=given.during,
        templates=tuple(_templates(arguments)),
    )


def _templates(value: t.Any) -> Iterator[tuple[str | int, ...]]:
    """The places of all texts that are filled in later."""
    if isinstance(value, check_model.CheckTemplate):
        yield ()
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in entries:
        yield from ((key, *rest) for rest in _templates(item))


def _windows(given: Sequence[FreezeWindow]) -> list[dict[str, t.Any]]:
    """As plain data, which a plan can hold. Reading them once shows whether they can be read."""
    windows = [item.given() for item in given]
    try:
        read_windows("release_freeze", windows)
    except WindowError as error:
        raise SettingsError(str(error)) from None
    return windows
