# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's task files are found and checked before anything moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import locate, usable_notices
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.role_support import release

TASKS = "- name: Look\n  ansible.builtin.debug:\n    msg: looked\n"


def planned(*words: str, **settings: Any) -> dict[str, Any]:
    return plan_steps(release(*(words or ("ready_to_start",))), settings)


def paths(plan: dict[str, Any]) -> list[str]:
    hooks = [part["path"] for part in plan["parts"] if part["kind"] == "hook"]
    return [*hooks, *(check["path"] for step in plan["steps"] for check in step["checks"] if check["path"])]


@pytest.mark.parametrize(
    ("folder", "place"),
    [("", "."), (None, "."), (".", "."), ("runbook", "runbook"), ("{here}/elsewhere", "elsewhere")],
)
def test_task_file_is_relative_to_a_folder(tmp_path: Path, folder: str | None, place: str) -> None:
    for name in ("a.yml", "b.yml", "c.yml"):
        (tmp_path / place).mkdir(exist_ok=True)
        (tmp_path / place / name).write_text(TASKS)
    plan = planned(checks=["c.yml"], phases=[{"phase": "Test", "before": ["a.yml"], "after": ["b.yml"]}])
    given = folder.format(here=tmp_path) if folder else folder
    assert paths(locate(plan, given, str(tmp_path))) == [
        str(tmp_path / place / name) for name in ("a.yml", "b.yml", "c.yml")
    ]


def test_task_file_may_be_a_full_path(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(TASKS)
    plan = planned(checks=[str(tmp_path / "a.yml")])
    assert paths(locate(plan, "nowhere", "/")) == [str(tmp_path / "a.yml")]


def test_task_file_folder_may_be_a_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.yml").write_text(TASKS)
    assert paths(locate(planned(checks=["a.yml"]), "~", "/")) == [str(tmp_path / "a.yml")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "a.yml: cannot be read (No such file or directory)"),
        (b"- name: 'half\n", "a.yml: is not YAML (while scanning a quoted scalar"),
        (b"hosts: all\n", "a.yml: is not a list of tasks"),
        (b"\xff\xfe\x00", "a.yml: cannot be read ('utf-8' codec"),
    ],
)
def test_task_file_that_ansible_cannot_load_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "a.yml").write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        locate(planned(checks=["a.yml"]), "", str(tmp_path))
    assert said in str(refused.value)
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize(
    "content", [TASKS, "", "# nothing\n", "- debug: {msg: !vault abc}\n", "$ANSIBLE_VAULT;1.1;AES256\n6133\n"]
)
def test_task_file_that_ansible_can_load_is_not_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.yml").write_text(content)
    assert paths(locate(planned(checks=["a.yml"]), "", str(tmp_path)))


def test_task_files_that_are_wrong_are_reported_at_once(tmp_path: Path) -> None:
    plan = planned("ready_to_start", "not_started", checks=["a.yml"], phases=[{"phase": "Staging", "after": ["b.yml"]}])
    with pytest.raises(SettingsError) as refused:
        locate(plan, "", str(tmp_path))
    assert str(refused.value).count("a.yml: ") == 1
    assert "b.yml: " in str(refused.value)


def test_task_files_that_are_not_reached_may_be_missing(tmp_path: Path) -> None:
    phases = [{"phase": "Test", "before": ["gone.yml"], "checks": ["gone.yml"]}]
    plan = locate(planned("completed", "active", phases=phases), "", str(tmp_path))
    assert [part["kind"] for part in plan["parts"]] == ["start"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["page.yml", "chat"], ["page.yml", "chat"]),
        ("chat", ["chat"]),
        # What cannot be sent is left out, since the run has failed already.
        (["missing.yml", "page.yml"], ["page.yml"]),
        ("[half a list", []),
        ("", []),
        (None, []),
    ],
)
def test_notices_without_a_plan_are_those_that_can_be_sent(tmp_path: Path, given: Any, names: list[str]) -> None:
    (tmp_path / "page.yml").write_text(TASKS)
    found = usable_notices(given, "", str(tmp_path))
    assert [item["name"] for item in found] == names
    wanted = {"page.yml": str(tmp_path / "page.yml"), "chat": "notices/chat.yml"}
    assert [item["path"] for item in found] == [wanted[name] for name in names]
