# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the files of a report are called, and which task files publish them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.filter.release_report_files import release_report_files
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.files import paths, to_publish
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support

NOW = "2026-10-27T16:12:41.500000Z"


def test_a_file_is_called_after_the_flag_and_the_time() -> None:
    made = paths(support.record(), "reports", "/srv")
    assert made["html"] == "/srv/reports/shop-new-cart-2026-10-27T161241.500000Z.html"
    assert {Path(path).parent for kind, path in made.items() if kind != "dir"} == {Path(made["dir"])}
    assert [Path(made[kind]).suffix for kind in ("json", "markdown", "html")] == [".json", ".md", ".html"]


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "/etc/passwd", "a\x00b", "new\nline", "ключ", "x" * 500, "", "..", "-rf"]
)
def test_a_key_cannot_lead_anywhere_else(key: str) -> None:
    made = paths({"project_key": key, "flag_key": key, "finished_at": NOW}, "/srv/reports", "/")
    for kind in ("json", "markdown", "html"):
        path = Path(made[kind])
        assert path.parent == Path("/srv/reports")
        assert path.name.isascii()
        assert path.name.isprintable()
        assert len(path.name) < 255
        assert not path.name.startswith("..")


def test_two_keys_never_become_one_name() -> None:
    made = {
        paths({"project_key": key, "flag_key": "f", "finished_at": NOW}, "/r", "/")["json"]
        for key in ("a b", "a/b", "a_b")
    }
    assert len(made) == 3


def test_the_folder_may_be_below_the_home_or_where_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert paths(support.record(), "~/reports", "/srv")["dir"] == "/home/ada/reports"
    assert paths(support.record(), "/var/reports", "/srv")["dir"] == "/var/reports"


def test_task_files_are_looked_at_before_ansible_stumbles_over_them(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text("- name: Do\n  ansible.builtin.debug:\n", encoding="utf-8")
    (tmp_path / "odd.yml").write_text("a: b\n", encoding="utf-8")
    good, odd, gone = to_publish("[good.yml, odd.yml, gone.yml]", "", str(tmp_path))
    assert (good["path"], good["problem"]) == (str(tmp_path / "good.yml"), None)
    assert "is not a list of tasks" in str(odd["problem"])
    assert "cannot be read" in str(gone["problem"])
    (refused,) = to_publish({"a": 1}, "", str(tmp_path))
    assert "release_report_publish must be a list" in str(refused["problem"])


@pytest.mark.parametrize("given", [None, "", []])
def test_nothing_to_publish_with(given: object) -> None:
    assert to_publish(given, "", "/") == []


def test_the_filter_begins_where_ansible_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = release_report_files(support.record(), "reports")
    assert made["paths"]["dir"] == str(tmp_path / "reports")
    assert made["publish"] == []
