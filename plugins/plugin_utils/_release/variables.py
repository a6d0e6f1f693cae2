# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The names of the role's variables, to notice one that was meant and is misspelt. Pure.

Ansible takes any name for a variable: with `release_untill` a run would release to the end.
"""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "release_"
VARIABLES = frozenset(
    {
        "release_approval_timeout",
        "release_ask",
        "release_chat_url",
        "release_checks",
        "release_confirmed",
        "release_final_status",
        "release_flag_key",
        "release_freeze",
        "release_freeze_action",
        "release_freeze_override",
        "release_notify",
        "release_on_approval",
        "release_on_changed_by_others",
        "release_on_failure",
        "release_phases",
        "release_pipeline_key",
        "release_project_key",
        "release_report_dir",
        "release_report_publish",
        "release_report_template",
        "release_tasks_dir",
        "release_until",
        "release_variation",
        "release_wait",
        "release_wait_interval",
        "release_wait_timeout",
        "release_webhook_url",
    }
)
# What the role gives to task files, takes from them, and hands on to later jobs.
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


def refuse_misspelt(names: Iterable[str]) -> None:
    """`names` are those of all variables that begin like the role's, whosever they are."""
    wanted = {name[len(PREFIX) :]: name for name in VARIABLES}
    for name in sorted(set(names) - VARIABLES - EXCHANGED):
        meant = difflib.get_close_matches(name[len(PREFIX) :], wanted, n=1, cutoff=_ALIKE)
        if meant:
            raise SettingsError(
                f"The role has no variable {name}, but {wanted[meant[0]]}. Correct it, or give a variable of your own a name that is"
                " less alike."
            )
