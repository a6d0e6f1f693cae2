# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""awx_configure.yml where an earlier run has left something to put right."""

from __future__ import annotations

import json

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place, changed, configure


def test_project_is_fetched_again_where_that_helps(awx: Awx, place: Place) -> None:
    source = awx.repositories.pop(guide.URL)
    failed = configure(place, awx)
    assert failed.code == 2
    assert "Project update failed" in failed.output

    # What was wrong has nothing to do with the project's settings, so the next run changes none of them.
    awx.repositories[guide.URL] = source
    before = len(awx.writes())
    predicted = configure(place, awx, guide.CHECK)
    assert changed(predicted) > 0
    assert "changed: [localhost]" in predicted.output.partition("Fetch the project again")[2].partition("TASK")[0]
    assert awx.writes()[before:] == []
    assert changed(configure(place, awx)) > 0
    assert len(awx.items["job_templates"]) == 7

    # A playbook that was added after the last fetch.
    project = awx.named("projects", "LaunchDarkly")
    project["playbook_files"].remove("notice.yml")
    before = len(awx.writes())
    assert changed(configure(place, awx)) == 1
    assert awx.writes()[before:] == [f"POST /api/v2/projects/{project['id']}/update/"]


def test_project_without_a_playbook_is_named_with_it(awx: Awx, place: Place) -> None:
    awx.repositories[guide.URL] = ["release.yml", "status.yml", "rehearse.yml"]
    finished = configure(place, awx)
    assert finished.code == 2
    assert "The project LaunchDarkly has no abort.yml, notice.yml. Add what is missing" in finished.output


def test_settings_that_are_emptied_are_removed_in_awx(awx: Awx, place: Place) -> None:
    scm = awx.add("credential_types", {"name": "Source Control", "kind": "scm"})["id"]
    awx.add("credentials", {"name": "git", "organization": 1, "credential_type": scm})
    for name in ("Chat approvals", "Chat errors"):
        awx.add("notification_templates", {"name": name, "organization": 1})
    settings = {
        "awx_project_scm_credential": "git",
        "awx_notify_approvals": ["Chat approvals"],
        "awx_notify_error": ["Chat errors"],
    }
    assert changed(configure(place, awx, [*guide.CONFIGURE, "-e", json.dumps(settings)])) > 0
    assert attached(awx) == [[True], [True] * 7, 1, 1]

    # As a setting without a value is read.
    emptied = ["-e", json.dumps(dict.fromkeys([*settings, "awx_execution_environment_image"]))]
    before = len(awx.writes())
    # The project, the job templates and the workflow.
    assert changed(configure(place, awx, [*guide.CHECK, *emptied])) == 3
    assert awx.writes()[before:] == []
    assert changed(configure(place, awx, [*guide.CONFIGURE, *emptied])) == 3
    assert attached(awx) == [[False], [False] * 7, 0, 0]


def attached(awx: Awx) -> list[object]:
    """Whether projects have a credential and templates an execution environment, and how many notifications there are."""
    workflow = awx.named("workflow_job_templates", "LaunchDarkly release with approvals")["id"]
    return [
        [project["credential"] is not None for project in awx.items["projects"].values()],
        [template["execution_environment"] is not None for template in awx.items["job_templates"].values()],
        *(
            len(awx.listed("workflow_job_templates", workflow, f"notification_templates_{event}"))
            for event in ("approvals", "error")
        ),
    ]


def test_token_of_awx_is_in_no_output_where_a_removal_fails(configured: Configured, place: Place) -> None:
    awx = configured.awx
    # The names of earlier times, which the modules know too.
    environment = {"TOWER_HOST": awx.url, "TOWER_OAUTH_TOKEN": awx.token}
    command = [*guide.CONFIGURE, "-vvv", "-e", "awx_execution_environment_image="]
    finished = place.run(*command, **environment)
    assert finished.code == 2
    assert "Remove it in AWX, or set CONTROLLER_HOST" in finished.output
    assert awx.token not in finished.output
