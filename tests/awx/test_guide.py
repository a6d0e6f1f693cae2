# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/awx.md says what there is to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from conftest import PLAYBOOKS, Configured

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "awx.md").read_text()


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_it_has_each_playbook_of_the_project(name: str) -> None:
    assert f"| `{name}.yml` | `- import_playbook: flagops.launchdarkly.{name}` |" in GUIDE
    assert (ROOT / "playbooks" / f"{name}.yml").exists()


def test_it_has_each_setting_of_the_playbook() -> None:
    (play,) = yaml.safe_load((ROOT / "playbooks" / "awx_configure.yml").read_text())
    settings = {name for name in play["vars"] if name.startswith("awx_")}
    rows = {
        name for row in re.findall(r"^\| (`awx_.*?) \|", GUIDE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert rows == settings


def test_it_has_each_thing_that_is_made(configured: Configured) -> None:
    awx = configured.awx
    for kind in (
        "credential_types",
        "credentials",
        "projects",
        "inventories",
        "job_templates",
        "workflow_job_templates",
    ):
        for item in awx.items[kind].values():
            assert item["name"] in GUIDE
