# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules, and what AWX refuses in them."""

from __future__ import annotations

import re

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import surveys, variables
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Errors, Item
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.kinds import UNIFIED
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import Store

_HINT = "Check the Prompt on Launch setting on the Job Template to include Extra Variables."


def errors(store: Store, whole: Item) -> Errors:
    wrong = rule_errors(whole["rrule"])
    if wrong:
        return {"rrule": wrong}
    id_ = whole["unified_job_template"]
    template = next(store.items[kind][id_] for kind in UNIFIED if id_ in store.items[kind])
    if "survey_enabled" not in template:
        return {}
    questions = surveys.questions_of(template, store.surveys.get(id_, {}))
    answers = whole["extra_data"]
    missing = surveys.launch_errors(questions, answers)
    if missing:
        return {"variables_needed_to_start": missing}
    asked = {question["variable"] for question in questions}
    own = variables.parse(template["extra_vars"])
    stray = [name for name, value in answers.items() if name not in asked and (name, value) not in own.items()]
    if stray and not template["ask_variables_on_launch"]:
        return {"extra_data": [f"Variables {', '.join(stray)} are not allowed on launch. {_HINT}"]}
    if whole["limit"] is not None and not template["ask_limit_on_launch"]:
        return {"limit": ["Field is not configured to prompt on launch."]}
    return {}


def rule_errors(rule: str) -> list[str]:
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)
    found = []
    if not starts:
        found.append("Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        found.append("DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.")
    if len(starts) > 1:
        found.append("Multiple DTSTART is not supported.")
    rules = re.findall(r"RULE:\S*", rule)
    if "rrule:" not in rule.lower():
        found.append("One or more rule required in rrule.")
    for one in rules:
        found += [
            f"{sentence}: {one}"
            for sentence, is_wrong in (
                ("INTERVAL required in rrule", "interval" not in one.lower()),
                ("SECONDLY is not supported", "secondly" in one.lower()),
                ("BYDAY with numeric prefix not supported", re.search(r"BYDAY[:=][0-9]+[a-zA-Z]{2}", one)),
                ("RRULE may not contain both COUNT and UNTIL", "COUNT" in one and "UNTIL" in one),
            )
            if is_wrong
        ]
    return found
