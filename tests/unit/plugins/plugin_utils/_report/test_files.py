# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report, its template, and the task files that publish it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.files import (
    paths,
    template_path,
    to_publish,
    write,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import TEMPLATE
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support

NOW = "2026-10-27T16:12:41.500000Z"


def test_paths_name_the_flag_and_the_time() -> None:
    made = paths(support.record(), "reports", "/srv")
    assert made["html"] == "/srv/reports/shop-new-cart-2026-10-27T161241.500000Z.html"
    assert {Path(path).parent for kind, path in made.items() if kind != "dir"} == {Path(made["dir"])}
    assert [Path(made[kind]).suffix for kind in ("json", "markdown", "html")] == [".json", ".md", ".html"]


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "/etc/passwd", "a\x00b", "new\nline", "ключ", "x" * 500, "", "..", "-rf"]
)
def test_paths_stay_in_the_folder_for_any_key(key: str) -> None:
    made = paths({"project_key": key, "flag_key": key, "finished_at": NOW}, "/srv/reports", "/")
    for kind in ("json", "markdown", "html"):
        path = Path(made[kind])
        assert path.parent == Path("/srv/reports")
        assert path.name.isascii()
        assert path.name.isprintable()
        assert len(path.name) < 255
        assert not path.name.startswith("..")


def test_paths_differ_for_different_keys() -> None:
    made = {
        paths({"project_key": key, "flag_key": "f", "finished_at": NOW}, "/r", "/")["json"]
        for key in ("a b", "a/b", "a_b")
    }
    assert len(made) == 3


def test_paths_expand_home_and_relative_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert paths(support.record(), "~/reports", "/srv")["dir"] == "/home/ada/reports"
    assert paths(support.record(), "/var/reports", "/srv")["dir"] == "/var/reports"


def test_to_publish_names_the_problem_of_a_task_file(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text("- name: Do\n  ansible.builtin.debug:\n", encoding="utf-8")
    (tmp_path / "odd.yml").write_text("a: b\n", encoding="utf-8")
    good, odd, gone = to_publish("[good.yml, odd.yml, gone.yml]", "", str(tmp_path))
    assert (good["path"], good["problem"]) == (str(tmp_path / "good.yml"), None)
    assert "is not a list of tasks" in str(odd["problem"])
    assert "cannot be read" in str(gone["problem"])
    (refused,) = to_publish({"a": 1}, "", str(tmp_path))
    assert "release_report_publish must be a list" in str(refused["problem"])


@pytest.mark.parametrize("given", [None, "", []])
def test_to_publish_may_be_empty(given: object) -> None:
    assert to_publish(given, "", "/") == []


def test_write_makes_the_folder_and_every_format(tmp_path: Path) -> None:
    made = paths(support.whole_run(), "a/reports", str(tmp_path))
    write(made, report(support.whole_run(), None, []), TEMPLATE)
    assert json.loads(Path(made["json"]).read_text(encoding="utf-8"))["flag_key"] == "new-cart"
    assert Path(made["markdown"]).read_text(encoding="utf-8").startswith("# ")
    assert "</html>" in Path(made["html"]).read_text(encoding="utf-8")
    assert {Path(made[kind]).stat().st_mode & 0o777 for kind in ("json", "markdown", "html")} == {0o644}


def test_write_raises_what_a_run_warns_about(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("A file, not a folder.", encoding="utf-8")
    with pytest.raises(OSError, match="reports"):
        write(paths(support.record(), "reports", str(tmp_path)), {}, TEMPLATE)


def test_template_path_is_relative_to_the_tasks_folder(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    own = tmp_path / "runbooks" / "own.html.j2"
    own.write_text("{{ title }}", encoding="utf-8")
    assert template_path("own.html.j2", "runbooks", str(tmp_path)) == own
    assert template_path(str(own), "", "/") == own
    assert template_path("", "runbooks", str(tmp_path)) == TEMPLATE


def test_template_path_refuses_what_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "own.html.j2").write_text("{% if %}", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"release_report_template: .*own.html.j2, line 1 cannot be used"):
        template_path("own.html.j2", "", str(tmp_path))
