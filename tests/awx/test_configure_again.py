# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""awx_configure.yml where an earlier run has left something to put right."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.awx import guide, settings
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, EverySetting, Place, recorded

NEW_CART = {"release_project_key": "shop", "release_flag_key": "new-cart"}


def test_project_is_fetched_again_where_that_helps(configured: Configured) -> None:
    failed = configured.failed.finished
    assert failed.code == 2
    assert "Project update failed" in failed.output
    assert configured.predicted.changed > 0
    fetch = configured.predicted.finished.output.partition("Fetch the project again")[2].partition("TASK")[0]
    assert "changed: [localhost]" in fetch
    assert configured.predicted.writes == []
    project = configured.awx.named("projects", "LaunchDarkly")["id"]
    assert f"POST /api/v2/projects/{project}/update/" in configured.first.writes
    assert f"PATCH /api/v2/projects/{project}/" not in configured.first.writes
    assert configured.first.changed > 0
    assert len(configured.awx.items["job_templates"]) == 7


def test_project_without_a_playbook_is_named_with_it(awx: Awx, place: Place) -> None:
    awx.repositories[guide.URL] = ["release.yml", "status.yml", "rehearse.yml"]
    run = recorded(place, awx)
    assert run.finished.code == 2
    assert "The project LaunchDarkly has no abort.yml, notice.yml. Add what is missing" in run.finished.output
    # They may have been added after the last fetch.
    assert f"POST /api/v2/projects/{awx.named('projects', 'LaunchDarkly')['id']}/update/" in run.writes


def test_optional_settings_are_made_once_and_taken_back(every_setting: EverySetting, place: Place) -> None:
    awx, first = every_setting.awx, every_setting.first
    assert first.changed > 0
    assert not [secret for secret in every_setting.secrets.values() if secret in first.finished.output]
    assert first.refused == []
    assert attached(awx) == [[True], [True] * 11, [True], 4, 4]
    assert schedules(awx) == {
        "LaunchDarkly new-cart": ("LaunchDarkly scheduled release", NEW_CART, None),
        "LaunchDarkly every release": ("LaunchDarkly releases", {}, "all"),
        "LaunchDarkly standard": ("LaunchDarkly releases", {}, "pipeline_standard"),
    }
    slack = awx.named("notification_templates", "LaunchDarkly Slack")
    assert slack["notification_configuration"]["token"] == every_setting.secrets["SLACK_TOKEN"]
    assert awx.named("credential_types", "LaunchDarkly") == every_setting.credential_type

    # The next run needs no secret any more. In check mode a module reports a change wherever it would write: that is the workflow alone.
    predicted = recorded(place, awx, [*every_setting.command, "--check", "-e", "awx_workflow_until=Test"])
    assert predicted.changed == 1
    assert "was not checked" not in predicted.finished.output
    assert predicted.writes == []

    emptied = recorded(place, awx, [*every_setting.command, "-e", json.dumps(settings.EMPTIED)])
    # The project, the job templates twice, the source of the inventory, the workflow, the schedules.
    assert emptied.changed == 6
    assert not [write for write in emptied.writes if write.endswith("/update/")]
    assert attached(awx) == [[False], [False] * 10 + [True], [False], 0, 0]
    assert schedules(awx) == {}


def schedules(awx: Awx) -> dict[str, Any]:
    """The job template, the answers and the limit of each."""
    return {
        item["name"]: (
            awx.items["job_templates"][item["unified_job_template"]]["name"],
            item["extra_data"],
            item["limit"],
        )
        for item in awx.items["schedules"].values()
    }


def attached(awx: Awx) -> list[object]:
    """Whether projects have a credential and templates an execution environment, and how many notifications there are."""
    workflow = awx.named("workflow_job_templates", "LaunchDarkly release with approvals")["id"]
    return [
        [project["credential"] is not None for project in awx.items["projects"].values()],
        [template["execution_environment"] is not None for template in awx.items["job_templates"].values()],
        [source["execution_environment"] is not None for source in awx.items["inventory_sources"].values()],
        *(
            len(awx.listed("workflow_job_templates", workflow, f"notification_templates_{event}"))
            for event in ("approvals", "error")
        ),
    ]


def test_token_of_awx_is_in_no_output_where_a_removal_fails(awx: Awx, place: Place) -> None:
    awx.add("projects", {"name": "LaunchDarkly", "organization": 1, "scm_type": "git", "credential": 2})
    # The names of earlier times, which the modules know too.
    environment = {"TOWER_HOST": awx.url, "TOWER_OAUTH_TOKEN": awx.token}
    finished = place.run(*guide.CONFIGURE, "-vvv", **environment)
    assert finished.code == 2
    assert "AWX still has the credential of LaunchDarkly" in finished.output
    assert "Remove it in AWX, or set CONTROLLER_HOST" in finished.output
    assert awx.token not in finished.output
