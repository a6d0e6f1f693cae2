# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The names of the role's variables, to notice a misspelt one.

Ansible takes any name for a variable: with `release_untill` a run would release to the end.
"""

from __future__ import annotations

import difflib
import typing as t
from pathlib import Path

import yaml

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.version import VERSION
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "release_"
# What the role gives to task files, takes from them, and leaves for later jobs.
EXCHANGED = frozenset(
    {
        "release_check_inconclusive",
        "release_event",
        "release_phase",
        "release_report",
        "release_report_paths",
        "release_result",
    }
)

# How alike two names have to be, without their prefix, from 0 to 1: two letters that changed places in "until" make 0.8.
_ALIKE = 0.8
# A name that resembles a newer variable may have been in use before that variable was added. It is refused from 1.0.0 on.
_REFUSED_SINCE = (0, 2, 0)
_REFUSES_ALL = (1, 0, 0)

# The one in C takes a tenth of the time, which each run pays.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SPECS = Path(__file__).resolve().parents[3] / "roles" / "release" / "meta" / "argument_specs.yml"


def _read_variables() -> dict[str, str]:
    """Each variable with the version that added it."""
    specs = yaml.load(_SPECS.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  both are safe loaders
    return {name: option["version_added"] for name, option in specs["argument_specs"]["main"]["options"].items()}


# Read when Ansible loads the plugin, so that its forks inherit it.
VARIABLES: t.Final[Mapping[str, str]] = _read_variables()


def check_names(
    names: Iterable[str], variables: Mapping[str, str] = VARIABLES, collection_version: str = VERSION
) -> list[str]:
    """Warnings about names that resemble variables of the role. Raises SettingsError about those that are refused.

    `names` are those of all variables that begin like the role's, whosever they are.
    """
    refused, warnings = [], []
    wanted = {name[len(PREFIX) :]: name for name in variables}
    for name in sorted(set(names) - set(variables) - EXCHANGED):
        similar = difflib.get_close_matches(name[len(PREFIX) :], wanted, n=1, cutoff=_ALIKE)
        if not similar:
            continue
        meant = wanted[similar[0]]
        sentence = f"Unknown role variable {plain(name)}. Did you mean {meant}? If it is yours, rename it"
        if _is_refused(variables[meant], collection_version):
            refused.append(f"{sentence}.")
        else:
            warnings.append(f"{sentence}, since version 1.0.0 will refuse it.")
    if refused:
        raise SettingsError(" ".join(refused))
    return warnings


def _is_refused(version_added: str, collection_version: str) -> bool:
    return _numbers(version_added) <= _REFUSED_SINCE or _numbers(collection_version) >= _REFUSES_ALL


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split("."))
