# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launches of job templates and workflows. Nothing runs."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import surveys, variables
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Errors, Item, Refused
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.kinds import KINDS
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import Store

_OF_ALL = {"inventory", "limit", "scm_branch", "job_tags", "skip_tags", "labels"}
_OF_JOBS = {"job_type", "verbosity", "diff_mode", "credentials", "execution_environment", "forks", "timeout"}


def launch(store: Store, kind: str, template: Item, body: Any) -> Item:
    if not isinstance(body, dict):
        raise Refused(400, {"detail": "JSON object expected."})
    is_workflow = kind == "workflow_job_templates"
    answers = _answers(body)
    survey = store.surveys.get(template["id"], {})
    questions = surveys.questions_of(template, survey)
    wrong = surveys.launch_errors(questions, answers)
    errors: Errors = {"variables_needed_to_start": wrong} if wrong else {}
    asked = {question["variable"] for question in questions}
    taken = {name: value for name, value in answers.items() if name in asked or template["ask_variables_on_launch"]}
    own = variables.parse(template["extra_vars"])
    stray = {name: value for name, value in answers.items() if name not in taken and (name, value) not in own.items()}
    prompts = {
        name: value
        for name, value in body.items()
        if name in (_OF_ALL if is_workflow else _OF_ALL | _OF_JOBS) and not template.get(f"ask_{name}_on_launch")
    }
    if is_workflow:
        errors.update(_workflow_errors(stray, prompts))
    if errors:
        raise Refused(400, errors)
    shown = _job(store, kind, template, surveys.variables_of_job(template, survey, taken))
    return {**shown, "ignored_fields": {**prompts, **({"extra_vars": stray} if stray else {})}}


def _answers(body: Item) -> Item:
    given = body.get("extra_vars", {})
    if given is None:
        raise Refused(400, {"extra_vars": ["This field may not be null."]})
    try:
        return variables.parse(given)
    except ValueError as error:
        raise Refused(400, {"extra_vars": [str(error)]}) from None


def _workflow_errors(stray: Item, prompts: Item) -> Errors:
    """A job template ignores what it does not ask for, a workflow refuses it."""
    errors: Errors = {name: ["Field is not configured to prompt on launch."] for name in prompts}
    if stray:
        hint = "Check the Prompt on Launch setting on the Workflow Job Template to include Extra Variables."
        errors["extra_vars"] = [f"Variables {', '.join(stray)} are not allowed on launch. {hint}"]
    return errors


def _job(store: Store, kind: str, template: Item, given: Item) -> Item:
    jobs = "jobs" if kind == "job_templates" else "workflow_jobs"
    values = {
        "name": template["name"],
        "status": "pending",
        "extra_vars": json.dumps(given),
        KINDS[kind].type: template["id"],
    }
    job = store.add(jobs, values)
    shown = store.shown(jobs, job)
    # Whoever asks again finds it done.
    job["status"] = "successful"
    return shown
