# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.variables import (
    EXCHANGED,
    VARIABLES,
    refuse_misspelt,
)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("release_untill", "release_until"),
        ("release_utnil", "release_until"),
        ("release_check", "release_checks"),
        ("release_on_faliure", "release_on_failure"),
        ("release_freeze_overide", "release_freeze_override"),
        ("release_confirm", "release_confirmed"),
        ("release_final_state", "release_final_status"),
        ("release_Until", "release_until"),
    ],
)
def test_a_name_that_is_almost_one_of_the_roles_is_refused(name: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"no variable {name}, but {meant}[.] "):
        refuse_misspelt([*VARIABLES, name])


def test_the_roles_own_names_and_those_it_exchanges_are_none() -> None:
    refuse_misspelt([*VARIABLES, *EXCHANGED])


@pytest.mark.parametrize(
    "name", ["release_manager", "release_date", "release_version", "release_notes", "release_checks_folder", "release_"]
)
def test_what_is_not_alike_is_somebody_elses(name: str) -> None:
    refuse_misspelt([name])
