# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports and notices of whole runs: they are there however a run ends, and never change how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import FLAG, Player

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "release-report-1.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

# A name that no renderer may take for anything else.
NAME = "Prod <script>alert(1)</script> \"'`|*_\u202e{{ 1 }}"


def read(folder: Path) -> dict[str, Any]:
    """The only report in a folder."""
    found = {path.suffix: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(found) == [".html", ".json", ".md"]
    document: dict[str, Any] = json.loads(found[".json"])
    VALIDATOR.validate(document)
    for text in (found[".md"], found[".html"]):
        assert document["flag_key"] in text
        assert "<script" not in text
    return document


def test_report_of_a_failed_run_is_published_and_handed_on(player: Player) -> None:
    """A publishing task that fails, or a host that cannot be reached, does not change how the run ends."""
    keep = f"cat {{{{ release_report_paths.markdown }}}} >> {player.place}/log"
    player.write("keep.yml", [{"name": "Keep", "ansible.builtin.shell": keep}])
    player.write("broken.yml", [{"name": "Break", "ansible.builtin.fail": {"msg": "the archive is full"}}])
    player.write("far.yml", [{"name": "Far", "delegate_to": "moon", "ansible.builtin.command": "true"}])
    player.write("hosts.yml", {"all": {"hosts": {"localhost": {}, "moon": {"ansible_connection": "unreachable"}}}})
    own = "{% extends 'release-report.html.j2' %}{% block footer %}<p>Shop, release board</p>{% endblock %}"
    (player.place / "own.html.j2").write_text(own, encoding="utf-8")
    run = player.play(
        "-i",
        "hosts.yml",
        rc=2,
        release_checks=[{"name": "errors", "command": "false"}],
        release_notify="far.yml",
        release_report_dir="kept/reports",
        release_report_template="own.html.j2",
        release_report_publish=["broken.yml", "far.yml", "missing.yml", "keep.yml"],
    )
    document = read(player.place / "kept" / "reports")
    (page,) = (player.place / "kept" / "reports").glob("*.html")
    assert "<p>Shop, release board</p>" in page.read_text(encoding="utf-8")
    assert (document["state"], document["reason"], document["kind"]) == ("failed", "check_failed", "run")
    test, staging, _production = document["phases"]
    assert (test["action"], test["checks"][0]["verdict"], staging["action"]) == ("started", "failed", None)
    assert [span["kind"] for span in test["timeline"]] == ["rollout", "checks"]
    assert document["requests"] == run.result["requests"] > 0
    assert set(document["versions"]) == {"collection", "ansible_core", "python", "requests", "pydantic"}
    assert document["message"] == run.result["message"]
    assert "# Release report: demo/new-checkout" in player.log()
    broken, missing = run.result["warnings"]
    assert "not published with broken.yml: the archive is full" in broken
    assert "not published with missing.yml" in missing
    assert "nobody gets there" in run.output
    # The artifact is the same report, made after the warnings.
    handed_on = run.artifacts["release_report"][FLAG]
    VALIDATOR.validate(handed_on)
    assert {**handed_on, "warnings": []} == document


def test_report_and_notice_of_a_run_without_a_plan(player: Player) -> None:
    tell = {"path": str(player.place / "log"), "line": "{{ release_event.event }} {{ release_event.reason }}"}
    player.write("tell.yml", [{"name": "Tell", "ansible.legacy.note": tell}])
    player.play(rc=2, release_until="Prodution", release_notify=["tell.yml"], release_report_dir="reports")
    document = read(player.place / "reports")
    assert (document["state"], document["reason"]) == ("failed", "invalid_settings")
    # Nobody can write there, and the run ends as it does without a report.
    nowhere = {"release_report_dir": "/proc/reports", "release_flag_key": "dark-mode"}
    result = player.play(rc=2, release_notify=["tell.yml"], **nowhere).of("demo/dark-mode")
    assert result["error_code"] == "no_release"
    assert "The report could not be written to /proc/reports" in result["warnings"][0]
    assert player.log() == ["failed invalid_settings", "failed not_readable"]


def test_report_template_is_checked_before_anything_starts(player: Player) -> None:
    (player.place / "broken.html.j2").write_text("{% if %}", encoding="utf-8")
    run = player.play(rc=2, release_report_template="broken.html.j2")
    assert (run.result["reason"], run.result["error_code"]) == ("invalid_settings", "invalid_option")
    assert "broken.html.j2, line 1 cannot be used" in run.result["message"]


def gated(player: Player) -> None:
    """A release whose one phase, of an odd name, needs an approval."""
    configuration = {"requireApproval": True, "notifyMemberIds": ["member-1"]}
    audience = {"environmentKey": "production", "configuration": configuration}
    pipeline = {"phases": [{"name": NAME, "audiences": [audience]}]}
    project = {"pipelines": {"gated": pipeline}, "releases": {"new-checkout": {}}}
    player.service.world.replace_state({"projects": {"demo": project}})


def test_report_has_the_approvals_of_other_runs(player: Player) -> None:
    """The run that requests an approval reports it, and so do the status and the run that finds it answered."""
    gated(player)
    asked = player.play(release_on_approval="return", release_report_dir="asked")
    assert asked.summary() == "waiting approval: started"
    assert "(asked: member-1)" in asked.result["message"]
    document = read(player.place / "asked")
    assert [span["kind"] for span in document["phases"][0]["timeline"]] == ["approval"]

    looked = player.play(playbook="status", release_report_dir="looked")
    assert "waits for a person: approval in production pending since 20" in looked.output
    document = read(player.place / "looked")
    assert (document["kind"], document["state"], document["phases"][0]["in_run"]) == ("status", "under_way", False)
    assert document["phases"][0]["approvals"][0]["reviewers"] == [{"id": "member-1", "name": None, "email": None}]

    faults = player.service.world.faults.faults
    faults += parse([{"method": "GET", "path": "approval-requests", "status": 403, "times": None}])
    blind = player.play(playbook="status", release_report_dir="blind")
    assert "Who was asked to approve could not be read. Could not read the approval requests" in blind.output
    assert "could not be read" in read(player.place / "blind")["warnings"][0]
    faults.clear()

    for deed in ({"review": "approve", "comment": NAME}, {"apply": True}):
        player.service.world.merge_request("demo", ("new-checkout", "production"), "latest", deed)
    done = player.play(release_report_dir="done")
    assert done.summary() in ("completed -: none", "completed -: resumed")
    (approval,) = read(player.place / "done")["phases"][0]["approvals"]
    assert (approval["review_status"], approval["status"]) == ("approved", "completed")
    assert done.artifacts["release_report"][FLAG]["phases"][0]["approvals"][0]["status"] == "completed"
