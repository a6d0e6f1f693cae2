# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flag as plain data: in all environments with one request, or in some with what a rehearsal copies."""

from __future__ import annotations

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_copy import FLAG_COPY
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    OFF,
    PROGRESSIVE,
    READY,
    Staging,
)


def test_flag_copy_reads_all_environments_at_once(stage: Staging) -> None:
    play = stage(READY)
    result = play.run(definition=FLAG_COPY)
    assert play.sent() == "GET:flag"
    place = result["flag"]["environments"]["eu"]
    assert (place["on"], place["default"]["weights"]) == (True, [[OFF, 100000]])
    assert "releases" not in place


def test_deep_flag_copy_has_releases_and_approval_settings(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    play.sent()
    place = play.run(definition=FLAG_COPY, environments=["eu"], deep=True)["flag"]["environments"]["eu"]
    assert play.sent() == "GET:flag GET:environment GET:releases"
    assert place["context_kinds"] == ["user"]
    assert place["approval_settings"] == {"required": False, "tags": []}
    assert [item["status"] for item in place["releases"]] == ["active"]


def test_flag_copy_of_an_unknown_environment_is_refused(stage: Staging) -> None:
    result = stage(READY).run(definition=FLAG_COPY, environments=["moon"], deep=True)
    assert (result["error_code"], result["flag"]) == ("environment_not_found", None)
