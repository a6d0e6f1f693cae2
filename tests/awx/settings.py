# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings beyond the first ones: all of docs/awx.md with what they find in AWX, and those of a second set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator

NAMED = {
    "awx_project_scm_credential": "git",
    "awx_notify_approvals": ["Chat approvals"],
    "awx_notify_error": ["Chat errors"],
    "awx_schedules": [entry for text in guide.OPTIONAL for entry in yaml.safe_load(text).get("awx_schedules", [])],
}
TEMPLATES = {"awx_optional_templates": ["doctor", "overview"]}
# As a setting without a value is read.
EMPTIED = dict.fromkeys([*NAMED, "awx_notifications", "awx_execution_environment_image"])
# For a second set of everything.
SECOND_VARS = {
    "release_wait": False,
    "release_wait_interval": "1m",
    "release_on_approval": "return",
    "release_final_status": "active",
    "release_on_failure": "turn_off",
    "release_confirmed": ["Test", "Staging"],
    "release_until": 2,
    "release_environments": ["test", {"environment": "staging", "strategy": "percentage"}],
    "release_retry": ["test", "staging"],
    "rehearse_hooks": True,
}
SECOND = {
    "awx_organization": "Two",
    "awx_prefix": "Second",
    "awx_project_scm_type": "manual",
    "awx_project_local_path": "folder",
    "awx_release_vars": SECOND_VARS,
}
# Where the path that a check of the guide asks begins here.
CHECKED = "/api/?of="

_VARIABLES = guide.ROOT / "playbooks" / "vars" / "awx.yml"
_ADDRESSES = {
    "https://{{ release_phase.environments[0] }}.shop.example.com/health": CHECKED
    + "{{ release_phase.environments[0] }}",
    "https://chat.example.com/hooks/releases": "/chat",
}


def write(folder: Path, url: str) -> list[str]:
    """The settings as the guide has them, with addresses that answer; the names of the files."""
    release = guide.RELEASE_SETTINGS
    for address, ours in _ADDRESSES.items():
        assert address in release
        release = release.replace(address, url + ours)
    files = {f"continued-{number}.yml": text for number, text in enumerate([release, *guide.OPTIONAL])}
    for name, text in files.items():
        (folder / name).write_text(text)
    return list(files)


def add_what_exists(awx: Awx) -> None:
    scm = awx.add("credential_types", {"name": "Source Control", "kind": "scm"})["id"]
    awx.add("credentials", {"name": "git", "organization": 1, "credential_type": scm})
    for name in ("Chat approvals", "Chat errors"):
        awx.add("notification_templates", {"name": name, "organization": 1})


def hides_its_host(awx: Awx, launchdarkly: Simulator) -> dict[str, Any]:
    """Add a credential of before 0.9.0, whose type AWX does not change any more."""
    settings = yaml.safe_load(_VARIABLES.read_text().replace("!unsafe ", ""))
    type_ = awx.add(
        "credential_types",
        {
            "name": "LaunchDarkly",
            "description": "An access token of LaunchDarkly, for the collection flagops.launchdarkly",
            "kind": "cloud",
            "inputs": settings["awx_hidden_host_inputs"],
            "injectors": settings["awx_hidden_host_injectors"],
        },
    )
    inputs = {"access_token": launchdarkly.access_token, "api_host": launchdarkly.url}
    awx.add(
        "credentials", {"name": "LaunchDarkly", "organization": 1, "credential_type": type_["id"], "inputs": inputs}
    )
    return dict(type_)
