# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""From a list of releases to the hosts of an inventory: their names, groups and variables. Pure."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.text import escape_templates
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

# All hosts are in it, so that a playbook can name them.
ALL_RELEASES = "ld_releases"
STUCK = "stuck"
# What Ansible itself means by these.
RESERVED = frozenset({"all", "ungrouped", "localhost", "127.0.0.1", "::1"})

# The variables for people and groups, each with the field of a release that it shows.
FIELDS = {
    "ld_pipeline_key": "pipeline_key",
    "ld_phase": "phase",
    "ld_status": "status",
    "ld_since": "since",
    "ld_name": "name",
    "ld_tags": "tags",
    "ld_maintainer": "maintainer",
    "ld_kind": "kind",
    "ld_environments": "environments",
    "ld_link": "link",
}

Release = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Host:
    name: str
    groups: tuple[str, ...]
    variables: Mapping[str, t.Any]


def group_name(prefix: str, name: str) -> str:
    """A name that Ansible takes without a warning."""
    return re.sub(r"[^a-z0-9_]", "_", f"{prefix}_{name}".lower())


def make_hosts(
    releases: Sequence[Release],
    *,
    now: str,
    stuck_after: float | None,
    taken: Collection[str] = (),
    is_known: t.Callable[[str, Release], bool] = lambda _name, _release: False,
) -> list[Host]:
    """One host per release.

    `taken` are the names of other groups and hosts. `is_known` says whether a taken name is a host for this very release, as where two
    files list it.
    """
    # What LaunchDarkly's users wrote is no template, neither here nor where a list of hosts is stored and loaded again.
    safe: list[dict[str, t.Any]] = escape_templates([dict(release) for release in releases])
    groups = [_groups(release, now, stuck_after) for release in safe]
    reserved = RESERVED.union(taken, *groups, () if stuck_after is None else (STUCK,))
    is_prefixed = len({release["project_key"] for release in safe}) > 1
    hosts: dict[str, Host] = {}
    for release, of_release in zip(safe, groups):
        name = _host_name(release, is_prefixed, reserved, is_known)
        if name in hosts:
            raise OptionError(
                f"Two flags would both be host '{name}': read their projects with separate inventory files."
            )
        hosts[name] = Host(name, of_release, _variables(release))
    return list(hosts.values())


def _host_name(
    release: Release, is_prefixed: bool, reserved: Collection[str], is_known: t.Callable[[str, Release], bool]
) -> str:
    name: str = release["flag_key"]
    if is_prefixed or (name in reserved and not is_known(name, release)):
        return _prefixed(release["project_key"], name)
    return name


def _prefixed(project_key: str, flag_key: str) -> str:
    return f"{project_key}.{flag_key}"


def renamed(host: Host) -> Host:
    """With its project in its name."""
    name = _prefixed(host.variables["release_project_key"], host.variables["release_flag_key"])
    return dataclasses.replace(host, name=name)


def _groups(release: Release, now: str, stuck_after: float | None) -> tuple[str, ...]:
    by_field = (("phase", "phase"), ("status", "status"), ("pipeline", "pipeline_key"))
    found = [group_name(prefix, release[field]) for prefix, field in by_field if release[field]]
    return (ALL_RELEASES, *found, *((STUCK,) if is_stuck(release, now, stuck_after) else ()))


def is_stuck(release: Release, now: str, stuck_after: float | None) -> bool:
    """Is it longer in its phase than that? One that is completed is not."""
    seconds = seconds_between(release["since"], now)
    return stuck_after is not None and seconds is not None and seconds > stuck_after and bool(release["phase"])


def _variables(release: Release) -> dict[str, t.Any]:
    return {
        "ansible_connection": "local",
        "release_project_key": release["project_key"],
        "release_flag_key": release["flag_key"],
        **{name: release[field] for name, field in FIELDS.items()},
    }
