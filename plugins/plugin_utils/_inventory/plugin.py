# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The inventory plugin between Ansible and LaunchDarkly: reads the options, the cache or the service, and adds the hosts."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import add_address, with_address
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_list import RELEASE_LIST
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import time_from_millis
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.values import read_seconds
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.modules import run_definition
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._inventory.cache_key import cache_key
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._inventory.hosts import (
    ALL_RELEASES,
    STUCK,
    Host,
    make_hosts,
    renamed,
)

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader

SUFFIXES = ("ld_releases.yml", "ld_releases.yaml")
TEMPLATED = ("access_token", "api_host")

Options = dict[str, t.Any]


class ReleaseInventory(BaseInventoryPlugin, Constructable, Cacheable):
    """LaunchDarkly's releases as hosts."""

    runtime = Runtime()

    def verify_file(self, path: str) -> bool:
        return path.endswith(SUFFIXES) and bool(super().verify_file(path))  # type: ignore[no-untyped-call]  # ansible-core's own

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)  # type: ignore[no-untyped-call]  # ansible-core's own
        try:
            stuck_after = self._stuck_after()
            releases = self._releases(path, cache, is_since_read=stuck_after is not None)
            now = time_from_millis(round(self.runtime.wall() * 1000)) or ""
            hosts = make_hosts(
                releases,
                now=now,
                stuck_after=stuck_after,
                taken=self._taken_names(inventory),
                is_known=lambda name, release: _is_host_of(inventory, name, release),
            )
        except OptionError as error:
            raise AnsibleParserError(add_address(error.message, error.code)) from error
        # Groups without hosts exist too: a pattern that finds nobody is something else than one that does not exist.
        for name in (ALL_RELEASES, *((STUCK,) if stuck_after is not None else ())):
            inventory.add_group(name)
        for host in hosts:
            self._add(inventory, host)
        # What keyed groups are called shows only now.
        for host in hosts:
            if host.name in inventory.groups:
                inventory.remove_host(inventory.hosts[host.name])
                self._add(inventory, renamed(host))

    def _option(self, name: str) -> t.Any:
        return self.get_option(name)  # type: ignore[no-untyped-call]  # ansible-core's own

    def _stuck_after(self) -> float | None:
        given = self._option("stuck_after")
        return None if given is None else read_seconds("stuck_after", given)

    def _releases(self, path: str, cache: bool, *, is_since_read: bool) -> list[Options]:
        options = self._options_of_list(is_since_read=is_since_read)
        if not self._option("cache"):
            return self._read(options)
        key = cache_key(self.get_cache_key(path), options)
        if cache:
            try:
                return t.cast("list[Options]", self._cache[key])
            except KeyError:
                pass
        releases = self._read(options)
        self._cache[key] = releases
        return releases

    def _options_of_list(self, *, is_since_read: bool) -> Options:
        options = {name: self._option(name) for name in RELEASE_LIST.argument_spec}
        for name in TEMPLATED:
            if options[name] is not None:
                options[name] = self.templar.template(options[name])
        options["since"] = options["since"] or is_since_read
        return {name: value for name, value in options.items() if value is not None}

    def _read(self, options: Options) -> list[Options]:
        result, warnings = run_definition(RELEASE_LIST, options, self.runtime)
        for warning in warnings:
            self.display.warning(warning)
        if result.get("failed"):
            raise AnsibleParserError(with_address(result)["msg"])
        return t.cast("list[Options]", result["releases"])

    # Hosts and groups

    def _taken_names(self, inventory: InventoryData) -> set[str]:
        own = {self._sanitize_group_name(name) for name in self._option("groups") or {}}
        return own | set(inventory.groups) | set(inventory.hosts)

    def _add(self, inventory: InventoryData, host: Host) -> None:
        inventory.add_host(host.name)
        for name, value in host.variables.items():
            inventory.set_variable(host.name, name, value)
        for group in host.groups:
            inventory.add_group(group)
            inventory.add_host(host.name, group=group)
        strict = self._option("strict")
        self._set_composite_vars(self._option("compose"), _variables(inventory, host), host.name, strict)  # type: ignore[no-untyped-call]  # ansible-core's own
        # With the composed variables.
        variables = _variables(inventory, host)
        self._add_host_to_composed_groups(self._option("groups"), variables, host.name, strict)  # type: ignore[no-untyped-call]  # ansible-core's own
        self._add_host_to_keyed_groups(self._option("keyed_groups"), variables, host.name, strict)  # type: ignore[no-untyped-call]  # ansible-core's own


def _is_host_of(inventory: InventoryData, name: str, release: Mapping[str, t.Any]) -> bool:
    """Has another file listed this very release?"""
    host = inventory.hosts.get(name)
    fields = ("project_key", "flag_key")
    return host is not None and all(host.vars.get(f"release_{field}") == release[field] for field in fields)


def _variables(inventory: InventoryData, host: Host) -> dict[str, t.Any]:
    added = inventory.get_host(host.name)
    return {} if added is None else added.get_vars()
