# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example project and the guide that starts from it say the same."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ansible_collections.flagops.launchdarkly.tests.awx import guide


def test_guide_names_each_file_of_the_project() -> None:
    section = guide.TEXT.partition("## 1. A project")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"`([^`]+)`", row)) == guide.FILES


def test_guide_shows_the_settings_of_the_project() -> None:
    shown = yaml.safe_load(guide.block("yaml", "# awx.yml\n"))
    assert shown == yaml.safe_load(guide.SETTINGS)


def test_project_playbooks_import_those_of_the_collection() -> None:
    for name in guide.PLAYBOOKS:
        (play,) = yaml.safe_load((guide.PROJECT / name).read_text(encoding="utf-8"))
        assert play["ansible.builtin.import_playbook"] == f"flagops.launchdarkly.{Path(name).stem}"
        assert (guide.ROOT / "playbooks" / name).exists()


def test_project_has_what_awx_configure_runs() -> None:
    files = sorted((guide.ROOT / "playbooks" / "vars").glob("awx*.yml"))
    settings = "".join(path.read_text(encoding="utf-8") for path in files)
    wanted = {f"{name}.yml" for name in re.findall(r"^    playbook: (\w+)$", settings, re.MULTILINE)}
    assert wanted <= set(guide.PLAYBOOKS)


def test_runbook_names_codes_that_exist() -> None:
    runbook = (guide.PROJECT / "RUNBOOK.md").read_text(encoding="utf-8")
    errors = (guide.ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_]+`.*?) \|", runbook, re.MULTILINE)
    named = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    codes = set(re.findall(r"^### `([a-z_]+)`$", errors, re.MULTILINE))
    assert "check_failed" in named
    assert named - {"error_code", "state", "waiting", "stopped"} <= codes
