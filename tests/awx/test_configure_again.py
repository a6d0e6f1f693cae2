# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""awx_configure.yml where an earlier run has left something to put right."""

from __future__ import annotations

import json
from typing import Any

import yaml

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place, changed, configure

NEW_CART = {"release_project_key": "shop", "release_flag_key": "new-cart"}
VARIABLES = guide.ROOT / "playbooks" / "vars" / "awx.yml"


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


def test_project_without_a_playbook_is_named_with_it(awx: Awx, place: Place) -> None:
    awx.repositories[guide.URL] = ["release.yml", "status.yml", "rehearse.yml"]
    finished = configure(place, awx)
    assert finished.code == 2
    assert "The project LaunchDarkly has no abort.yml, notice.yml. Add what is missing" in finished.output


def test_optional_settings_are_made_once_and_taken_back(awx: Awx, place: Place) -> None:
    """Those of the guide, and those that name what exists; in an AWX with a credential of before 0.9.0."""
    scm = awx.add("credential_types", {"name": "Source Control", "kind": "scm"})["id"]
    awx.add("credentials", {"name": "git", "organization": 1, "credential_type": scm})
    for name in ("Chat approvals", "Chat errors"):
        awx.add("notification_templates", {"name": name, "organization": 1})
    hidden = hides_its_host(awx)
    named = {
        "awx_project_scm_credential": "git",
        "awx_notify_approvals": ["Chat approvals"],
        "awx_notify_error": ["Chat errors"],
        "awx_schedules": [entry for text in guide.OPTIONAL for entry in yaml.safe_load(text).get("awx_schedules", [])],
    }
    secrets = {"SLACK_TOKEN": "xoxb-secret", "CHANGES_PASSWORD": "webhook-secret"}
    optional = {"awx_optional_templates": ["doctor", "overview"]}
    for number, text in enumerate(guide.OPTIONAL):
        (place.installed / f"optional-{number}.yml").write_text(text)
    command = [
        *guide.CONFIGURE,
        *(word for number in range(len(guide.OPTIONAL)) for word in ("-e", f"@optional-{number}.yml")),
        *("-e", json.dumps({**optional, **named})),
    ]
    # What the oldest ansible-core makes is what the newest finds, which needs no secret any more.
    first = configure(place, awx, command, PATH=place.search(place.oldest), **secrets)
    assert changed(first) > 0
    assert not [secret for secret in secrets.values() if secret in first.output]
    assert [status for _method, _path, status in awx.log if status >= 400] == []
    before = len(awx.writes())
    assert changed(configure(place, awx, command)) == 0
    assert awx.writes()[before:] == []
    assert attached(awx) == [[True], [True] * 11, [True], 4, 4]
    assert schedules(awx) == {
        "LaunchDarkly new-cart": ("LaunchDarkly scheduled release", NEW_CART, None),
        "LaunchDarkly every release": ("LaunchDarkly releases", {}, "all"),
        "LaunchDarkly standard": ("LaunchDarkly releases", {}, "pipeline_standard"),
    }
    slack = awx.named("notification_templates", "LaunchDarkly Slack")
    assert slack["notification_configuration"]["token"] == secrets["SLACK_TOKEN"]
    assert awx.named("credential_types", "LaunchDarkly") == hidden

    # As a setting without a value is read.
    emptied = ["-e", json.dumps(dict.fromkeys([*named, "awx_notifications", "awx_execution_environment_image"]))]
    # A playbook that was added after the last fetch.
    project = awx.named("projects", "LaunchDarkly")
    project["playbook_files"].remove("notice.yml")
    before = len(awx.writes())
    # The project twice, the job templates twice, the source of the inventory, the workflow, the schedules.
    assert changed(configure(place, awx, [*command, *emptied])) == 7
    assert f"POST /api/v2/projects/{project['id']}/update/" in awx.writes()[before:]
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


def hides_its_host(awx: Awx) -> dict[str, Any]:
    """A credential of before 0.9.0, whose type AWX does not change any more."""
    settings = yaml.safe_load(VARIABLES.read_text().replace("!unsafe ", ""))
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
    inputs = {"access_token": "api-old", "api_host": "https://app.eu.launchdarkly.com"}
    awx.add(
        "credentials", {"name": "LaunchDarkly", "organization": 1, "credential_type": type_["id"], "inputs": inputs}
    )
    return dict(type_)


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


def test_token_of_awx_is_in_no_output_where_a_removal_fails(configured: Configured, place: Place) -> None:
    awx = configured.awx
    # The names of earlier times, which the modules know too.
    environment = {"TOWER_HOST": awx.url, "TOWER_OAUTH_TOKEN": awx.token}
    command = [*guide.CONFIGURE, "-vvv", "-e", "awx_execution_environment_image="]
    finished = place.run(*command, **environment)
    assert finished.code == 2
    assert "Remove it in AWX, or set CONTROLLER_HOST" in finished.output
    assert awx.token not in finished.output
