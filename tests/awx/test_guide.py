# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/awx.md says what there is to say."""

from __future__ import annotations

import re

import yaml

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place


def test_guide_copies_the_project(place: Place) -> None:
    copied = [str(path.relative_to(place.project)) for path in place.project.rglob("*") if path.is_file()]
    assert sorted(copied) == guide.FILES


def test_it_has_each_setting_of_the_playbook(place: Place) -> None:
    (play,) = yaml.safe_load((place.collection / "playbooks" / "awx_configure.yml").read_text())
    settings = {name for name in play["vars"] if name.startswith("awx_")}
    rows = {
        name
        for row in re.findall(r"^\| (`awx_.*?) \|", guide.TEXT, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
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
            assert item["name"] in guide.TEXT
