# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys as AWX 24 takes them, and answers as it takes those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import variables

_DEFAULTS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    # One choice a line; an answer is a list.
    "multiselect": (str,),
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
        if name not in survey:
            return f"Field '{name}' is missing from survey spec."
        if not isinstance(survey[name], type_):
            return f"Expected another type for field '{name}', received {type(survey[name]).__name__} type."
    if not survey["spec"] or survey.keys() - {"name", "description", "spec"}:
        return "'spec' doesn't contain any items."
    seen: set[str] = set()
    for number, question in enumerate(survey["spec"]):
        wrong = _question_error(question, number)
        if wrong:
            return wrong
        if question["variable"] in seen:
            return f"'variable' '{question['variable']}' duplicated in survey question {number}."
        seen.add(question["variable"])
    return ""


def _question_error(question: object, number: int) -> str:
    if not isinstance(question, dict):
        return f"Survey question {number} is not a json object."
    for name, type_ in _ASKED.items():
        if name not in question:
            return f"'{name}' missing from survey question {number}"
        if not isinstance(question[name], type_):
            expected = "boolean" if type_ is bool else "string"
            return f"'{name}' in survey question {number} expected to be {expected}."
    # AWX ignores these, and a misspelt one would pass unseen.
    unknown = question.keys() - _ASKED.keys() - _MAY_HAVE
    if unknown:
        return f"unknown '{min(unknown)}' in survey question {number}"
    if question["type"] not in _DEFAULTS:
        allowed = ", ".join(_DEFAULTS)
        return f"'{question['type']}' in survey question {number} is not one of '{allowed}' allowed question types."
    return _limits_error(question, number) or _choices_error(question, number) or _default_error(question, number)


def _limits_error(question: Mapping[str, Any], number: int) -> str:
    for name in ("min", "max"):
        limit = question.get(name)
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool)):
            return f"The {name} limit in survey question {number} expected to be integer."
    limits = [question[name] for name in ("min", "max") if question.get(name) is not None]
    # AWX does not mind, but no answer could ever be right.
    return f"min is above max in survey question {number}" if len(limits) == 2 and limits[0] > limits[1] else ""


def _choices_error(question: Mapping[str, Any], number: int) -> str:
    if question["type"].startswith("multi") and not _choices(question):
        return f"Survey question {number} of type {question['type']} must specify choices."
    return ""


def _default_error(question: Mapping[str, Any], number: int) -> str:
    default = question.get("default", "")
    if default == "":
        return ""
    if not isinstance(default, _DEFAULTS[question["type"]]):
        expected = question["type"] if question["type"] in {"integer", "float"} else "string"
        return f"Default value {default} in survey question {number} expected to be {expected}."
    if question["type"].startswith("multi"):
        chosen = str(default).splitlines()
        if question["type"] == "multiplechoice" and len(chosen) > 1:
            return "Multiple Choice (Single Select) can only have one default value."
        if any(choice not in _choices(question) for choice in chosen):
            return "Default choice must be answered from the choices listed."
        return ""
    # A default that is no answer is silently left out by AWX when a job starts, so it is refused here.
    return "; ".join(answer_errors(question, {question["variable"]: default}))


def answer_errors(question: Mapping[str, Any], answers: Mapping[str, Any]) -> list[str]:
    name = question["variable"]
    if name not in answers:
        return [f"'{name}' value missing"] if question["required"] else []
    answer = answers[name]
    if question["type"].startswith("multi"):
        return _choice_errors(question, answer)
    if question["type"] == "integer":
        is_number = isinstance(answer, int) and not isinstance(answer, bool)
        return _limit_errors(question, answer) if is_number else [_unexpected(question, answer, "an integer")]
    if question["type"] == "float":
        is_number = isinstance(answer, (int, float)) and not isinstance(answer, bool)
        return _limit_errors(question, answer) if is_number else [_unexpected(question, answer, "a numeric type")]
    return _limit_errors(question, answer) if isinstance(answer, str) else [_unexpected(question, answer, "a string")]


def _unexpected(question: Mapping[str, Any], answer: object, expected: str) -> str:
    return f"Value {answer} for '{question['variable']}' expected to be {expected}."


def _choice_errors(question: Mapping[str, Any], answer: Any) -> list[str]:
    if question["type"] == "multiselect" and not isinstance(answer, list):
        return [f"'{question['variable']}' value is expected to be a list."]
    chosen = answer if question["type"] == "multiselect" else [answer]
    wrong = [one for one in chosen if one not in _choices(question)]
    return [_unexpected(question, one, f"one of {_choices(question)}") for one in wrong]


def _limit_errors(question: Mapping[str, Any], answer: Any) -> list[str]:
    name, low, high = question["variable"], question.get("min"), question.get("max")
    is_text = isinstance(answer, str)
    size = len(answer) if is_text else answer
    if low is not None and size < low:
        length = f"length is {size} " if is_text else ""
        return [f"'{name}' value {answer} is too small ({length}must be at least {low})."]
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
        # The default of a multiselect is a text, which is no answer: AWX's own pages make a list of it, a launch does not.
        if question.get("default") is not None
        and not answer_errors(question, {question["variable"]: question["default"]})
    }
    return {**variables.parse(template["extra_vars"]), **defaults, **given}
