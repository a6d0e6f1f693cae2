# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a run of the role acts on while it carries its plan out: also Ansible's modules, a person at the terminal, a report."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.modules import ModuleCall
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld, shown
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.reports import artifact
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import (
    actions,
    notice_bodies,
    sequence_state,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import checks as check_rules
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.check_texts import fill_in
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import checks_of
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings

if t.TYPE_CHECKING:
    from collections.abc import Callable

Result = dict[str, t.Any]


class SequenceWorld(ReleaseWorld):
    """Carries out every action of a sequence that is not the role's own to include."""

    def carriers(self) -> dict[type, Callable[[t.Any], t.Any]]:
        return {
            **super().carriers(),
            actions.Operate: lambda wanted: self.operate(wanted.module, wanted.options),
            actions.Measure: self._measure,
            actions.Send: self._send,
            actions.Pause: self._pause,
            actions.Ask: self._ask,
            actions.WriteReport: self._write_report,
        }

    # People

    def _pause(self, wanted: actions.Pause) -> Result:
        return self._terminal.pause(wanted.seconds, wanted.why)

    def _ask(self, wanted: actions.Ask) -> str | None:
        return self._terminal.ask_for_name(wanted.title)

    # Checks and notices

    def _run_module(self, name: str, arguments: Result, *, on_controller: bool = False, become: bool = False) -> Result:
        call = ModuleCall.of(self._action, name, arguments, on_controller=on_controller, become=become)
        return call.run(task_vars=self._task_vars)

    def _measure(self, wanted: actions.Measure) -> Result:
        step = self.state["plan"]["steps"][wanted.step]
        name = step["checks"][wanted.check]["name"]
        try:
            given = checks_of(step, read_settings(self.variables.settings()))[wanted.check]
            check = fill_in(given, self.variables.templating(release_phase=step).template)
        except SettingsError as error:
            return check_rules.measured(None, str(error))
        except IndexError:
            return check_rules.measured(None, f"there is no check {name} any more in the variables of the role")
        here = self.variables.stays_on_controller()
        if check.kind == "command":
            names = {"cmd": "_raw_params", "argv": "argv", "chdir": "chdir"}
            arguments: Result = {names[key]: value for key, value in check.arguments.items() if key in names}
            result = self._run_module("ansible.builtin.command", arguments, on_controller=here, become=True)
        else:
            result = self._run_module("ansible.builtin.uri", _request(check.kind, check.arguments), on_controller=here)
        return self._action.access.hide(check_rules.measure(check.kind, check.arguments, result))

    def _send(self, wanted: actions.Send) -> Result:
        try:
            address = self.variables.text(f"release_{wanted.name}_url")
        except SettingsError as error:
            return {"failed": True, "msg": str(error)}
        if not address.strip():
            return {"failed": True, "msg": f"release_{wanted.name}_url is not set"}
        arguments = {
            "url": address,
            "method": "POST",
            "body": self._action.access.hide(notice_bodies.body(wanted.name, wanted.event)),
            "body_format": "json",
            "status_code": [200, 201, 202, 204],
        }
        result = self._run_module("ansible.builtin.uri", arguments, on_controller=True)
        if not result.get("failed"):
            return {}
        said = str(result.get("msg") or "no reason given")
        return {"failed": True, "msg": notice_bodies.without_address(said, address)}

    # The report

    def _write_report(self, wanted: actions.WriteReport) -> Result:
        asked, warnings = self.approvals(wanted.release)
        written = self.reports.write(shown(self.state), wanted.release, asked)
        return {**written, "approvals": asked, "warnings": warnings + written["warnings"]}

    def artifact(self) -> Result | None:
        """The report for the jobs after this one, None where no report is wanted."""
        state = self.state
        if not state["report"]:
            return None
        release = sequence_state.seen_last(state) or state["current"]
        return artifact(shown(self.state), release, state.get("approvals", []))


def _request(kind: str, arguments: Result) -> Result:
    url = arguments["url"]
    if kind == "prometheus":
        url = f"{url.rstrip('/')}/api/v1/query?query={quote(arguments['query'], safe='')}"
    return {
        "url": url,
        "method": arguments.get("method", "GET"),
        "headers": arguments.get("headers", {}),
        "validate_certs": arguments.get("validate_certs", True),
        "timeout": arguments.get("timeout", 30),
        "return_content": True,
    }
