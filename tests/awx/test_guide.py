# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/awx.md says what there is to say."""

from __future__ import annotations

import re

import yaml

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place


def test_what_it_has_run_makes_the_project_that_it_shows(place: Place) -> None:
    made = {path.name: path.read_text().strip() for path in place.project.iterdir()}
    assert made == guide.PLAYBOOKS


def test_project_playbooks_are_one_line_each(place: Place) -> None:
    for name, line in guide.PLAYBOOKS.items():
        (play,) = yaml.safe_load(line)
        assert play == {"import_playbook": f"flagops.launchdarkly.{name.removesuffix('.yml')}"}
        assert (place.collection / "playbooks" / name).exists()


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
