# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The settings of the role `release` as a model: which keys there are, what they hold, and what has to fit together. Pure.

Text is converted before the model sees a value (setting_values). The JSON schema for editors is generated from the model, and the
descriptions are what editors show. Errors become sentences in `settings`.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import setting_values as values

PRESETS = ("http", "prometheus", "command")
CHECK_KINDS = ("tasks", *PRESETS)
# In a soak each attempt is a line in the output and an entry in the report.
MAX_ATTEMPTS = 60

Name = t.Annotated[str, BeforeValidator(values.NAME)]
Text = t.Annotated[str, BeforeValidator(values.TEXT)]
Names = t.Annotated[tuple[str, ...], BeforeValidator(values.NAMES)]
Files = t.Annotated[tuple[str, ...], BeforeValidator(values.FILES)]
Boolean = t.Annotated[bool, BeforeValidator(values.BOOLEAN)]
Seconds = t.Annotated[float, BeforeValidator(values.SECONDS)]
Count = t.Annotated[int, BeforeValidator(values.whole(0))]
AtLeastOne = t.Annotated[int, BeforeValidator(values.whole(1))]
# Texts of a check, which may be templates until it runs.
LateName = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.NAME))]
LateText = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.TEXT))]
LateMethod = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.METHOD))]
LateBoolean = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.BOOLEAN))]
LateSeconds = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.WHOLE_SECONDS))]
LateCount = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.whole(0)))]
LateStatuses = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.STATUSES))]
LateTexts = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.TEXTS))]
LateHeaders = t.Annotated[t.Any, BeforeValidator(values.unless_template(values.HEADERS))]


def _unknown(unknown: list[str], known: list[str]) -> str:
    names = ", ".join(plain(name) for name in unknown)
    similar = difflib.get_close_matches(unknown[0], known, n=1)
    question = f" Did you mean {similar[0]}?" if similar and len(unknown) == 1 else ""
    return f"has an unknown key {names}.{question} Valid keys: {', '.join(known)}"


def _exactly_one(*keys: str) -> values.Schema:
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


class ReleaseGuardian(SettingsModel):
    """How LaunchDarkly watches a guarded rollout."""

    monitoring_window_milliseconds: Count = Field(default=0, description="How long LaunchDarkly watches the metrics.")
    rollout_weight: Count = Field(
        default=0, description="Who gets the variation, in thousandths of a percent: 50000 is 50 %."
    )
    rollback_on_regression: Boolean = Field(default=False, description="Whether LaunchDarkly rolls back by itself.")
    randomization_unit: Text = Field(default="", description="The context kind by which contexts are chosen.")


class Audience(SettingsModel):
    """Sent with the start of the phase, as the option audiences of ld_release_phase."""

    audience: Name = Field(description="Name or environment key of the audience.")
    release_guardian_configuration: t.Optional[ReleaseGuardian] = Field(
        default=None, description="How LaunchDarkly watches a guarded rollout."
    )
    notify_member_ids: Names = Field(default=(), description="IDs of the members to notify.")
    notify_team_keys: Names = Field(default=(), description="Keys of the teams to notify.")


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

    model_config = ConfigDict(json_schema_extra=_exactly_one("cmd", "argv"))

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

    model_config = ConfigDict(json_schema_extra=_exactly_one(*CHECK_KINDS))

    name: Text = Field(default="", description="How messages and the result call the check.")
    tasks: t.Optional[Name] = Field(default=None, description="A task file. The check passes unless a task fails.")
    http: t.Optional[HttpCheck] = None
    prometheus: t.Optional[PrometheusCheck] = None
    command: t.Optional[t.Annotated[CommandCheck, BeforeValidator(values.COMMAND)]] = None
    attempts: t.Annotated[int, BeforeValidator(values.whole(1, MAX_ATTEMPTS))] = Field(
        default=1, description="How often to measure."
    )
    interval: Seconds = Field(default=10.0, description="The pause between two measurements.")
    failure_limit: Count = Field(default=0, description="How many failures are tolerated.")
    consecutive_success: AtLeastOne = Field(default=1, description="How many successes in a row are needed.")
    during: t.Annotated[str, BeforeValidator(values.choice("soak"))] = Field(
        default="", description="soak: measure while the phase soaks."
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


Checks = t.Annotated[tuple[t.Annotated[Check, BeforeValidator(values.CHECK)], ...], BeforeValidator(values.CHECKS)]


class Phase(SettingsModel):
    """Settings of one phase."""

    phase: Name = Field(description="Name or ID of the phase.")
    audiences: t.Optional[t.Annotated[tuple[Audience, ...], BeforeValidator(values.LIST)]] = Field(
        default=None, description="Settings of audiences, sent with the start."
    )
    before: Files = Field(default=(), description="Task files to run before the start.")
    after: Files = Field(default=(), description="Task files to run when the checks have passed.")
    checks: Checks = Field(default=(), description="Checks of this phase, after those of release_checks.")
    soak: Seconds = Field(default=0.0, description="How long to wait between completion and checks: 15m, 2h.")
    wait_timeout: t.Optional[Seconds] = Field(default=None, description="How long to wait for the phase.")
    confirm: Boolean = Field(default=False, description="Stop before the phase unless release_confirmed names it.")


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

    timezone: t.Annotated[str, BeforeValidator(values.TIMEZONE)] = Field(
        description="An IANA name, such as Europe/Berlin or UTC."
    )
    days: t.Annotated[t.Any, BeforeValidator(values.DAYS)] = Field(
        default=(), description="Days such as fri, or spans such as sat-sun."
    )
    start: t.Annotated[t.Any, BeforeValidator(values.TIME)] = Field(
        default=None, alias="from", description="A time of the day, or a date with or without a time."
    )
    end: t.Annotated[t.Any, BeforeValidator(values.TIME)] = Field(
        default=None, alias="to", description="A time of the day, or a date with or without a time."
    )
    environments: Names = Field(default=(), description="Keys of the environments that it is for; all if not given.")
    name: Text = Field(default="", description="How messages call the window.")
    reason: Text = Field(default="", description="Why nothing is started then.")


class ReleaseSettings(SettingsModel):
    """The variables of the role, without their prefix release_."""

    model_config = ConfigDict(extra="ignore")

    project_key: Text = ""
    flag_key: Text = ""
    pipeline_key: t.Optional[Text] = None
    variation: t.Optional[t.Annotated[str, BeforeValidator(values.VARIATION)]] = None
    until: t.Optional[Text] = None
    phases: t.Annotated[tuple[Phase, ...], BeforeValidator(values.LIST)] = Field(
        default=(), description="Settings of single phases."
    )
    checks: Checks = Field(default=(), description="Checks for every phase.")
    wait: Boolean = True
    wait_timeout: t.Optional[Seconds] = None
    wait_interval: t.Annotated[float, BeforeValidator(values.INTERVAL)] = 10.0
    final_status: t.Annotated[str, BeforeValidator(values.choice("completed", "active"))] = "completed"
    confirmed: Names = ()
    ask: Boolean = False
    on_changed_by_others: t.Annotated[str, BeforeValidator(values.choice("adopt", "stop"))] = "adopt"
    on_approval: t.Annotated[str, BeforeValidator(values.choice("wait", "return", "apply"))] = "wait"
    approval_timeout: Seconds = 86400.0
    on_failure: t.Annotated[str, BeforeValidator(values.choice("stop", "turn_off", "turn_off_all"))] = "stop"
    freeze: t.Annotated[tuple[FreezeWindow, ...], BeforeValidator(values.LIST)] = Field(
        default=(), description="Windows in which no phase is started."
    )
    freeze_action: t.Annotated[str, BeforeValidator(values.choice("stop", "wait"))] = "stop"
    freeze_override: t.Optional[Text] = None
    notify: Files = ()
    webhook_url: t.Optional[Text] = None
    chat_url: t.Optional[Text] = None
    report_dir: t.Optional[Text] = None
    report_publish: Files = ()
    report_template: t.Optional[Text] = None
    tasks_dir: t.Optional[Text] = None
    skip: Names = ()
