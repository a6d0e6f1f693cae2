# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which releases the playbooks status and overview show, by their variables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process import project_status

READ: dict[str, Any] = {"project_key": "shop", "pipelines": [], "flags": [], "completed_flags": []}


class Variables:
    def __init__(self, **given: Any) -> None:
        self._given = given

    def get(self, name: str, default: Any = None) -> Any:
        value = self._given.get(name)
        return default if value is None else value

    def text(self, name: str) -> str:
        return str(self.get(name, ""))


def world(**given: Any) -> Any:
    return SimpleNamespace(variables=Variables(**given), now=lambda: "2026-10-26T07:33:20.000Z")


SHOP = {"release_project_key": "shop"}
CART = {**SHOP, "release_flag_key": "cart"}
PIPELINE = {"release_pipeline_key": "standard"}


@pytest.mark.parametrize(
    ("variables", "whole", "expected"),
    [
        (CART, False, None),
        # Beside a flag it is the pipeline that a run attaches the flag to.
        ({**CART, **PIPELINE}, False, None),
        (SHOP, False, None),
        ({**SHOP, **PIPELINE}, False, {"flag_keys": [], **PIPELINE}),
        ({**CART, "release_flags": ["a", 7]}, False, {"flag_keys": ["a", "7"]}),
        ({**CART, "release_flags": "a, b,"}, False, {"flag_keys": ["a", "b"]}),
        ({**CART, "release_flags": []}, False, None),
        ({**CART, "release_flags": ""}, False, None),
        (SHOP, True, {"flag_keys": []}),
        ({**CART, "release_flags": ["a"]}, True, {"flag_keys": []}),
        ({**CART, **PIPELINE}, True, {"flag_keys": [], **PIPELINE}),
        ({**SHOP, "overview_environments": "eu"}, True, {"flag_keys": [], "with_completed": True}),
        ({**SHOP, **PIPELINE, "overview_environments": "eu"}, False, {"flag_keys": [], **PIPELINE}),
    ],
    ids=str,
)
def test_status_of_several_releases(variables: dict[str, Any], whole: bool, expected: dict[str, Any] | None) -> None:
    found = project_status.wanted(world(**variables), whole_project=whole)
    assert found == (None if expected is None else {"project_key": "shop", **expected})


@pytest.mark.parametrize(
    ("variables", "whole", "said"),
    [
        ({}, True, "release_project_key must be set"),
        (PIPELINE, False, "release_project_key must be set"),
        ({**SHOP, "release_flags": {"a": 1}}, False, "release_flags has to be a list"),
    ],
    ids=str,
)
def test_status_of_several_releases_is_refused(variables: dict[str, Any], whole: bool, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        project_status.wanted(world(**variables), whole_project=whole)


def test_overview_asks_for_environments_where_they_are_named() -> None:
    assert project_status.add_environments(world(), READ) is READ


@pytest.mark.parametrize(
    ("variables", "more"),
    [({}, {}), ({"overview_tags": ["payment"]}, {"tags": ["payment"]}), ({"overview_tags": []}, {})],
    ids=str,
)
def test_overview_reads_flags_through_environments(variables: dict[str, Any], more: dict[str, Any]) -> None:
    asked = []

    def operate(module: str, options: dict[str, Any]) -> dict[str, Any]:
        asked.append((module, options))
        return {"releases": []}

    given = world(overview_environments=["test"], **variables)
    given.operate = operate
    found = project_status.add_environments(given, READ)
    assert [pipeline["name"] for pipeline in found["pipelines"]] == ["Through test"]
    ((module, options),) = asked
    assert module == "release_list"
    assert options == {
        "project_keys": ["shop"],
        "sources": ["flags"],
        "environments": ["test"],
        "since": True,
        "details": False,
        "release_status": ["active", "completed"],
        **more,
    }


def test_overview_fails_where_environments_cannot_be_read() -> None:
    given = world(overview_environments=["moon"])
    given.operate = lambda *_unused: {"failed": True, "msg": "No."}
    assert project_status.add_environments(given, READ) == {"failed": True, "msg": "No."}


def test_overview_environments_have_to_be_a_list() -> None:
    with pytest.raises(OptionError, match="overview_environments has to be a list"):
        project_status.add_environments(world(overview_environments=7), READ)


def test_overview_page_is_written(tmp_path: Any) -> None:
    lines = project_status.show(world(release_report_dir=str(tmp_path)), READ, "https://ld")
    assert lines == ["shop: No release is active.", f"Page: {tmp_path}/shop-overview.html"]
    assert (tmp_path / "shop-overview.html").is_file()


def test_overview_page_that_cannot_be_written_is_a_warning(tmp_path: Any) -> None:
    (tmp_path / "file").write_text("")
    lines = project_status.show(world(release_report_dir=str(tmp_path / "file")), READ, "https://ld")
    assert lines[-1].startswith(f"Warning: The page could not be written to {tmp_path}/file: ")


def test_overview_refuses_a_time_that_is_none() -> None:
    with pytest.raises(OptionError, match="overview_stuck_after is 'soon'"):
        project_status.show(world(overview_stuck_after="soon"), READ, "https://ld")


def test_overview_without_a_folder_has_no_page() -> None:
    assert project_status.show(world(), READ, "https://ld") == ["shop: No release is active."]
