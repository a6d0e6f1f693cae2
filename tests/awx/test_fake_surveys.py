# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake takes and refuses surveys and answers as AWX does."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.surveys import (
    answer_errors,
    survey_error,
    variables_of_job,
)

TEXT = {"type": "text", "variable": "key", "question_name": "Key", "required": True, "min": 1, "max": 5}
CHOICE = {**TEXT, "type": "multiplechoice", "choices": ["a", "b"], "min": None, "max": None}
SEVERAL = {**CHOICE, "type": "multiselect"}
NUMBER = {**TEXT, "type": "integer"}


def survey(*questions: dict[str, Any]) -> dict[str, Any]:
    return {"name": "", "description": "", "spec": list(questions)}


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        (TEXT, ""),
        (
            {name: value for name, value in TEXT.items() if name != "question_name"},
            "'question_name' missing from survey question 0",
        ),
        (
            {name: value for name, value in TEXT.items() if name != "variable"},
            "'variable' missing from survey question 0",
        ),
        ({**TEXT, "required": "yes"}, "'required' in survey question 0 expected to be boolean."),
        ({**TEXT, "type": "boolean"}, "'boolean' in survey question 0 is not one of"),
        ({**TEXT, "label": "Key"}, "unknown 'label'"),
        ({**TEXT, "min": "1"}, "The min limit in survey question 0 expected to be integer."),
        ({**TEXT, "min": 6}, "min is above max"),
        ({**TEXT, "default": "too long"}, "too large"),
        ({**TEXT, "default": 5}, "Default value 5 in survey question 0 expected to be string."),
        ({**NUMBER, "default": "5"}, "Default value 5 in survey question 0 expected to be integer."),
        ({**TEXT, "type": "multiplechoice"}, "Survey question 0 of type multiplechoice must specify choices."),
        ({**CHOICE, "default": "c"}, "Default choice must be answered from the choices listed."),
        ({**CHOICE, "default": True}, "Default value True in survey question 0 expected to be string."),
        ({**SEVERAL, "default": ["a"]}, "Default value ['a'] in survey question 0 expected to be string."),
        ({**SEVERAL, "default": "a\nb"}, ""),
        ({**SEVERAL, "default": "a\nc"}, "Default choice must be answered from the choices listed."),
        (CHOICE, ""),
    ],
)
def test_survey_question_is_taken_or_refused(question: dict[str, Any], wrong: str) -> None:
    error = survey_error(survey(question))
    assert wrong in error if wrong else not error


def test_survey_asks_for_a_variable_once() -> None:
    assert "duplicated" in survey_error(survey(TEXT, TEXT))


@pytest.mark.parametrize(
    ("question", "answers", "wrong"),
    [
        (TEXT, {"key": "abc"}, ""),
        (TEXT, {}, "'key' value missing"),
        (TEXT, {"key": ""}, "'key' value  is too small (length is 0 must be at least 1)."),
        (TEXT, {"key": 5}, "Value 5 for 'key' expected to be a string."),
        (CHOICE, {"key": "c"}, "Value c for 'key' expected to be one of ['a', 'b']."),
        (CHOICE, {"key": True}, "Value True for 'key' expected to be one of ['a', 'b']."),
        (NUMBER, {"key": 6}, "'key' value 6 is too large (must be no more than 5)."),
        (NUMBER, {"key": "5"}, "Value 5 for 'key' expected to be an integer."),
        (SEVERAL, {"key": ["a", "c"]}, "Value c for 'key' expected to be one of ['a', 'b']."),
        (SEVERAL, {"key": "a"}, "'key' value is expected to be a list."),
        ({**TEXT, "required": False}, {}, ""),
    ],
)
def test_survey_answer_is_taken_or_refused(question: dict[str, Any], answers: dict[str, Any], wrong: str) -> None:
    assert answer_errors(question, answers) == ([wrong] if wrong else [])


def test_job_takes_answers_before_defaults_before_its_template() -> None:
    template = {"extra_vars": "one: template\ntwo: template\nthree: template", "survey_enabled": True}
    questions = [{**TEXT, "variable": name, "max": 10, "default": "default"} for name in ("two", "three")]
    given = variables_of_job(template, survey(*questions), {"three": "answer"})
    assert given == {"one": "template", "two": "default", "three": "answer"}


def test_job_leaves_out_the_default_of_a_multiselect() -> None:
    template = {"extra_vars": '{"key": ["b"]}', "survey_enabled": True}
    assert variables_of_job(template, survey({**SEVERAL, "default": "a"}), {}) == {"key": ["b"]}
