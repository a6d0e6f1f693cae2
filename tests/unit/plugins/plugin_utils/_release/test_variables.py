# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.variables import (
    EXCHANGED,
    VARIABLES,
    check_names,
)

# One of each age.
SOME = {"release_until": "0.1.0", "release_freeze": "0.2.0", "release_environments": "0.3.0"}


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
def test_names_that_resemble_a_variable_are_refused(name: str, meant: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_names([*VARIABLES, name])
    assert str(refused.value) == f"Unknown role variable {name}. Did you mean {meant}? If it is yours, rename it."


def test_names_that_are_refused_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        check_names(["release_untill", "release_checcks"])
    assert str(refused.value).count("Did you mean") == 2


@pytest.mark.parametrize(
    ("name", "version", "refuses"),
    [
        ("release_untill", "0.3.0", True),
        ("release_freezes", "0.3.0", True),
        ("release_environment", "0.3.0", False),
        ("release_environment", "0.10.0-dev1", False),
        ("release_environment", "1.0.0", True),
    ],
)
def test_names_that_resemble_a_newer_variable_warn(name: str, version: str, refuses: bool) -> None:
    if refuses:
        with pytest.raises(SettingsError):
            check_names([name], SOME, version)
        return
    (warning,) = check_names([name], SOME, version)
    assert warning.startswith(
        f"Unknown role variable {name}. Did you mean release_environments? If it is yours, rename it"
    )


def test_names_of_the_role_are_known() -> None:
    assert {"release_project_key", "release_until", "release_checks"} <= set(VARIABLES)
    assert check_names([*VARIABLES, *EXCHANGED]) == []


@pytest.mark.parametrize(
    "name", ["release_manager", "release_date", "release_version", "release_notes", "release_checks_folder", "release_"]
)
def test_names_that_resemble_none_are_a_users_own(name: str) -> None:
    assert check_names([name]) == []
