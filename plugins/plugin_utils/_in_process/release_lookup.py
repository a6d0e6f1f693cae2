# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The lookup of releases between Ansible and LaunchDarkly."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import with_address
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module import options as option_groups
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.modules import run_definition

Options = dict[str, t.Any]


class ReleaseLookup(LookupBase):
    """The release of each flag, null for one without."""

    runtime = Runtime()

    def run(self, terms: list[t.Any], variables: Options | None = None, **kwargs: t.Any) -> list[Options | None]:
        self.set_options(var_options=variables, direct=kwargs)  # type: ignore[no-untyped-call]  # ansible-core's own
        given = {name: self._option(name) for name in option_groups.CONNECTION}
        options = {name: value for name, value in given.items() if value is not None}
        return [self._read(options, self._target(term)) for term in terms]

    def _option(self, name: str) -> t.Any:
        return self.get_option(name)  # type: ignore[no-untyped-call]  # ansible-core's own

    def _target(self, term: t.Any) -> Options:
        text = str(term).strip()
        project_key, slash, flag_key = text.partition("/")
        if slash:
            return {"project_key": project_key, "flag_key": flag_key}
        default = self._option("project_key")
        if not default:
            raise AnsibleLookupError(
                f"ld_release needs the project of flag '{text}': set project_key, or write PROJECT/{text}."
            )
        return {"project_key": str(default), "flag_key": text}

    def _read(self, options: Options, target: Options) -> Options | None:
        result, _warnings = run_definition(RELEASE_INFO, {**options, **target}, self.runtime)
        if result.get("failed"):
            raise AnsibleLookupError(with_address(result)["msg"])
        release: Options | None = result["release"]
        return release
