# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys as AWX 24 takes them, and answers as it takes those."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

_ANSWERS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (list,),
    "integer": (int,),
    "float": (float, int),
}
_ASKED = {"type": str, "question_name": str, "variable": str, "required": bool}
_MAY_HAVE = {"question_description", "default", "min", "max", "choices", "new_question"}


def survey_error(survey: object) -> str:
    """Why this is no survey; nothing if it is one."""
    if not isinstance(survey, dict):
        return "JSON object expected."
    for name, type_ in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(survey.get(name), type_):
            return f"Field '{name}' is missing from survey spec."
    if not survey["spec"] or survey.keys() - {"name", "description", "spec"}:
        return "'spec' doesn't contain any items."
    seen: set[str] = set()
    for number, question in enumerate(survey["spec"]):
        wrong = question_error(question)
        if wrong:
            return f"{wrong} in survey question {number}"
        if question["variable"] in seen:
            return f"'variable' '{question['variable']}' duplicated in survey question {number}."
        seen.add(question["variable"])
    return ""


def question_error(question: object) -> str:
    if not isinstance(question, dict):
        return "no json object"
    for name, type_ in _ASKED.items():
        if not isinstance(question.get(name), type_):
            return f"'{name}' missing"
    unknown = question.keys() - _ASKED.keys() - _MAY_HAVE
    if unknown:
        return f"unknown '{min(unknown)}'"
    if question["type"] not in _ANSWERS:
        return f"'{question['type']}' not allowed"
    return _limits_error(question) or _default_error(question)


def _limits_error(question: Mapping[str, Any]) -> str:
    limits = [question[name] for name in ("min", "max") if question.get(name) is not None]
    if any(not isinstance(limit, int) or isinstance(limit, bool) for limit in limits):
        return "limit expected to be integer"
    if question["type"].startswith("multi") and not _choices(question):
        return "no choices"
    # AWX does not mind, but no answer could ever be right.
    return "min is above max" if len(limits) == 2 and limits[0] > limits[1] else ""


def _default_error(question: Mapping[str, Any]) -> str:
    default = question.get("default", "")
    if default == "":
        return ""
    # A default that is no answer is silently left out by AWX when a job starts, so it is refused here.
    return "; ".join(answer_errors(question, {question["variable"]: default}))


def answer_errors(question: Mapping[str, Any], answers: Mapping[str, Any]) -> list[str]:
    name = question["variable"]
    if name not in answers:
        return [f"'{name}' value missing"] if question["required"] else []
    answer = answers[name]
    if not isinstance(answer, _ANSWERS[question["type"]]) or isinstance(answer, bool):
        return [f"Value {answer} for '{name}' expected to be {question['type']}."]
    if question["type"].startswith("multi"):
        chosen = answer if isinstance(answer, list) else [answer]
        wrong = [one for one in chosen if one not in _choices(question)]
        return [f"Value {one} for '{name}' expected to be one of {_choices(question)}." for one in wrong]
    size = len(answer) if isinstance(answer, str) else answer
    low, high = question.get("min"), question.get("max")
    if low is not None and size < low:
        return [f"'{name}' value {answer} is too small (must be at least {low})."]
    if high is not None and size > high:
        return [f"'{name}' value {answer} is too large (must be no more than {high})."]
    return []


def _choices(question: Mapping[str, Any]) -> list[str]:
    found = question.get("choices", [])
    return found.splitlines() if isinstance(found, str) else list(found)


def questions_of(template: Mapping[str, Any], survey: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(survey.get("spec", [])) if template["survey_enabled"] else []


def launch_errors(questions: Iterable[Mapping[str, Any]], answers: Mapping[str, Any]) -> list[str]:
    return [error for question in questions for error in answer_errors(question, answers)]


def variables_of_job(
    template: Mapping[str, Any], survey: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The extra variables of a job: its template's, then the defaults of its survey, then what it was launched with."""
    defaults = {
        question["variable"]: question["default"]
        for question in questions_of(template, survey)
        if question.get("default") is not None
    }
    return {**json.loads(template["extra_vars"] or "{}"), **defaults, **given}
