# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The variables of the role, as Ansible has them for a task."""

from __future__ import annotations

import typing as t

import ansible.template
from ansible.errors import AnsibleError

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.check_texts import Templating, evaluate
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ansible.plugins.action import ActionBase

Result = dict[str, t.Any]

# The role's variables that `read_settings` takes, without their prefix.
SETTINGS = (
    "pipeline_key",
    "variation",
    "environments",
    "retry",
    "until",
    "phases",
    "checks",
    "wait",
    "wait_timeout",
    "wait_interval",
    "final_status",
    "confirmed",
    "ask",
    "on_changed_by_others",
    "on_approval",
    "approval_timeout",
    "on_failure",
    "freeze",
    "freeze_action",
    "freeze_override",
    "notify",
    "notify_events",
)
# A rehearsal turns nothing off, and waits for no calendar.
NOT_REHEARSED = {"on_failure": "stop", "freeze": []}


class RoleVariables:
    """The role's variables as Ansible has them for this task: raw, and filled in when they are asked for."""

    def __init__(self, action: ActionBase, raw: Result) -> None:
        self._templar = action._templar
        self.raw = raw

    def get(self, name: str, default: t.Any = None) -> t.Any:
        """A variable, filled in. Raises SettingsError for one that cannot be."""
        try:
            value = self._templar.template(self.raw.get(name, default))
        except AnsibleError as error:
            raise SettingsError(f"{name} cannot be filled in: {error.message}") from error
        return default if value is None else value

    def text(self, name: str) -> str:
        return str(self.get(name, ""))

    def secret(self, name: str) -> str:
        """A variable that holds a secret. What Ansible says of a template that it cannot read repeats the text, so it is left out."""
        try:
            value = self._templar.template(self.raw.get(name, ""))
        except AnsibleError as error:
            said = str(error.message)
            # Since ansible-core 2.19 as a class of its own, before as a text.
            is_syntax = "syntax" in type(error).__name__.lower() or "templating string" in said
            reason = "it is no template that Ansible can read" if is_syntax else plain(said)
            raise SettingsError(f"{name} cannot be filled in: {reason}.".replace("..", ".")) from None
        return str.__str__(str("" if value is None else value)).strip()

    def settings(self, names: Sequence[str] = SETTINGS) -> Result:
        """What `read_settings` takes. The texts of checks stay as they are written."""
        raw = {name: self.raw.get(f"release_{name}") for name in names}
        rehearsal = self.rehearsal()
        settings = evaluate(raw, self.templating())
        return {**settings, **(NOT_REHEARSED if rehearsal else {}), "skip": rehearsal.get("skip", [])}

    def templating(self, **variables: t.Any) -> Templating:
        def template(text: t.Any) -> t.Any:
            try:
                templar = self._templar.copy_with_new_env(available_variables={**self.raw, **variables})
                return templar.template(_trusted(text))
            except AnsibleError as error:
                raise ValueError(str(error.message)) from error

        return Templating(template=template, is_trusted=_is_trusted, raw_value=self.raw.__getitem__)

    def stays_on_controller(self) -> bool:
        """The playbooks of the collection run on the controller, whatever the inventory says about localhost."""
        return bool(self.get("_release_on_controller", False))

    def rehearsal(self) -> Result:
        """What the playbook `rehearse` says of the simulator that it has started; empty in a real run."""
        return t.cast("Result", self.get("_release_rehearsal", {}) or {})


def _is_not_unsafe(text: str) -> bool:
    return not getattr(text, "__UNSAFE__", False)


def _as_it_is(text: t.Any) -> t.Any:
    return text


# Since ansible-core 2.19 only marked text is a template; before, only marked text is none.
_is_trusted: Callable[[str], bool] = getattr(ansible.template, "is_trusted_as_template", _is_not_unsafe)
_trusted: Callable[[t.Any], t.Any] = getattr(ansible.template, "trust_as_template", _as_it_is)
