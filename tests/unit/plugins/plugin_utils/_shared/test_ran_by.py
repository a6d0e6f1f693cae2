# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which job runs a playbook."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.ran_by import ran_by

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "shop/releases",
    "GITHUB_RUN_ID": "8001",
    "GITHUB_ACTOR": "ada",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_JOB_ID": "77",
    "CI_JOB_URL": "https://gitlab.example.com/shop/releases/-/jobs/77",
    "GITLAB_USER_LOGIN": "grace",
}
JENKINS = {
    "JENKINS_URL": "https://ci.example.com/",
    "JOB_NAME": "shop/release",
    "BUILD_NUMBER": "17",
    "BUILD_URL": "https://ci.example.com/job/shop/job/release/17/",
}
AWX = {"JOB_ID": "42", "AWX_HOST": "https://awx.example.com/"}
AWX_LINK = "https://awx.example.com/#/jobs/playbook/42"


@pytest.mark.parametrize(
    ("environ", "variables", "expected"),
    [
        (AWX, {"awx_job_id": 42, "awx_user_name": "ada"}, ("awx", "42", "ada", AWX_LINK)),
        (AWX, {"tower_user_name": "ada"}, ("awx", "42", "ada", AWX_LINK)),
        (AWX, {"awx_schedule_name": "nightly"}, ("awx", "42", "schedule nightly", AWX_LINK)),
        ({}, {"awx_job_id": 42}, ("awx", "42", None, None)),
        (GITHUB, {}, ("github_actions", "8001", "ada", "https://github.com/shop/releases/actions/runs/8001")),
        (
            {**GITHUB, "GITHUB_TRIGGERING_ACTOR": "eve", "GITHUB_REPOSITORY": ""},
            {},
            ("github_actions", "8001", "eve", None),
        ),
        (GITLAB, {}, ("gitlab_ci", "77", "grace", GITLAB["CI_JOB_URL"])),
        (JENKINS, {}, ("jenkins", "shop/release #17", None, JENKINS["BUILD_URL"])),
        ({**JENKINS, "BUILD_USER_ID": "ada", "BUILD_NUMBER": ""}, {}, ("jenkins", None, "ada", JENKINS["BUILD_URL"])),
    ],
)
def test_ran_by(environ: dict[str, str], variables: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    assert tuple((ran_by(environ, variables) or {}).values()) == expected


@pytest.mark.parametrize("environ", [{}, {"JOB_ID": "42"}, {"CI": "true"}, {"BUILD_URL": "https://x"}])
def test_ran_by_is_none_elsewhere(environ: dict[str, str]) -> None:
    assert ran_by(environ, {}) is None
