# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The settings of the role `release` as a model: which keys there are, what they hold, and what has to fit together. Pure.

Text is converted before the model sees a value (settings_values). The JSON schema for editors is generated from the model, and the
descriptions are what editors show. Errors become sentences in `settings`.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import (
    BeforeValidator,
    ConfigDict,
    Field,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_values as values
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.notices import EVENTS
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_base import (
    Boolean,
    Count,
    Files,
    Name,
    Names,
    Seconds,
    SettingsModel,
    Text,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_checks import Checks
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_environments import Environments
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_windows import FreezeWindow


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


class ReleaseSettings(SettingsModel):
    """The variables of the role, without their prefix release_."""

    model_config = ConfigDict(extra="ignore")

    project_key: Text = ""
    flag_key: Text = ""
    pipeline_key: t.Optional[Text] = None
    variation: t.Optional[t.Annotated[str, BeforeValidator(values.VARIATION)]] = None
    environments: Environments = Field(default=(), description="The environments to release to, in order.")
    retry: Names = ()
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
    on_failure: t.Annotated[
        str, BeforeValidator(values.choice("stop", "turn_off", "turn_off_all", "roll_back", "restore"))
    ] = "stop"
    freeze: t.Annotated[tuple[FreezeWindow, ...], BeforeValidator(values.LIST)] = Field(
        default=(), description="Windows in which no phase is started."
    )
    freeze_action: t.Annotated[str, BeforeValidator(values.choice("stop", "wait"))] = "stop"
    freeze_override: t.Optional[Text] = None
    notify: Files = ()
    notify_events: t.Annotated[tuple[str, ...], BeforeValidator(values.choices(*EVENTS))] = ()
    webhook_url: t.Optional[Text] = None
    chat_url: t.Optional[Text] = None
    slack_url: t.Optional[Text] = None
    teams_url: t.Optional[Text] = None
    report_dir: t.Optional[Text] = None
    report_publish: Files = ()
    report_template: t.Optional[Text] = None
    tasks_dir: t.Optional[Text] = None
    skip: Names = ()
