# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""How the role reaches LaunchDarkly: its own variables, else the defaults of the action group, else the environment."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module import options as option_groups
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.parse import read_api_host
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.redact import without_tokens
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import RoleVariables

Result = dict[str, t.Any]
T = t.TypeVar("T")

TOKEN = "release_access_token"  # noqa: S105  the name of a variable
HOST = "release_api_host"


class Access:
    """The token is secret: it is kept here only, to remove it from whatever is shown."""

    def __init__(self, group_options: Result, variables: RoleVariables) -> None:
        self._group_options = group_options
        self._variables = variables
        # A rehearsal reaches its own simulator, whatever these say.
        self._is_own = not variables.rehearsal()
        self._tokens: list[str] = []
        self._has_read = False
        self.warnings: list[str] = []
        self._remember(self._connection()["access_token"])
        # What needs the token says why it could not be read.
        with contextlib.suppress(SettingsError):
            self.token()

    def token(self) -> str:
        """The role's own token as it is now, empty without one: a lookup may give another one each time.

        Raises SettingsError where it could not be read at all.
        """
        if not self._is_own or self._variables.raw.get(TOKEN) in (None, ""):
            return ""
        try:
            token = self._variables.secret(TOKEN)
        except SettingsError as error:
            if not self._has_read:
                raise
            warning = f"{error} The token that was read before is used."
            self.warnings += [] if warning in self.warnings else [warning]
            return self._tokens[-1]
        if not token:
            return self._tokens[-1] if self._has_read else ""
        self._remember(token)
        self._has_read = True
        return token

    def _remember(self, token: str | None) -> None:
        if token:
            self._tokens = [*(known for known in self._tokens if known != token), token]

    def hide(self, value: T) -> T:
        """Without any of the tokens that were read."""
        return without_tokens(value, self._tokens)

    def options(self) -> Result:
        """The options of a module that the role's own variables give. Raises SettingsError."""
        token = self.token()
        return {**({"access_token": token} if token else {}), **self._host()}

    def _host(self) -> Result:
        host = self._variables.text(HOST).strip() if self._is_own and self._variables.raw.get(HOST) else ""
        return {"api_host": host} if host else {}

    def api_host(self) -> str:
        """Where LaunchDarkly is, as scheme, host and port. Raises SettingsError and OptionError for what is no host."""
        return read_api_host(str({**self._connection(), **self._host()}["api_host"] or ""))

    def _connection(self) -> Result:
        """What the defaults of the action group and the environment say."""
        found: Result = {}
        for name, option in option_groups.CONNECTION.items():
            value = self._group_options.get(name)
            if value is None:
                value = next(
                    (os.environ[key] for key in option.get("fallback", (None, ()))[1] if key in os.environ), None
                )
            found[name] = option.get("default") if value is None else value
        return found
