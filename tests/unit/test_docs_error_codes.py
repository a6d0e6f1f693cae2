# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/errors.md lists the error codes that the code has, every one and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core import error_page, errors
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.errors import CODES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")

ERRORS = {
    name
    for name, thing in vars(errors).items()
    if isinstance(thing, type) and issubclass(thing, errors.LaunchDarklyError)
}
# The transport does not know what the request was for; its code is handed on.
ERRORS.add("TransportError")

# The function of the role that ends a run: record, state, reason, code, message.
END = "end"

# What a check that did not pass is called; its code is made of it.
VERDICTS = ("failed", "inconclusive")


SECTIONS = ("From the modules", "From the role", "From LaunchDarkly")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def listed(title: str) -> list[str]:
    """The codes under a heading, each of which is a heading too, so that its address is the page's with #CODE."""
    return re.findall(r"^### `(\w+)`$", section(title), re.MULTILINE)


def words(node: ast.expr | None) -> Iterator[str]:
    """The words that an expression may come to, as far as they stand in it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from words(node.body)
        yield from words(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from words(value)
    elif isinstance(node, ast.JoinedStr):
        fixed = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        yield from (fixed + verdict for verdict in VERDICTS)


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def codes_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for expression in given_codes(node):
                yield from words(expression)
        elif isinstance(node, ast.Assign) and any(getattr(name, "id", "") == "default_code" for name in node.targets):
            yield from words(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("_code_"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return):
                    yield from words(inner.value)


def given_codes(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that are codes."""
    name = name_of(call)
    if name in ERRORS:
        return [word.value for word in call.keywords if word.arg == "code"] or call.args[1:2]
    if name == "with_code":
        return call.args[:1]
    return call.args[3:4] if name == END else []


def used(folder: str) -> set[str]:
    files = [path for path in sorted((ROOT / "plugins" / folder).rglob("*.py")) if "simulator" not in path.parts]
    return {code for file in files for code in codes_in(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise ReleaseError("...", "phase_not_ready")', {"phase_not_ready"}),
        ('raise OptionError("...", code="invalid_option")', {"invalid_option"}),
        ('ApiError("...", "approval_required" if asks else code or _code_by_status(status))', {"approval_required"}),
        ('class Failed(Exception):\n    default_code = "http_error"', {"http_error"}),
        (
            'def _code_by_status(status):\n    return "server_error" if status >= 500 else "http_error"',
            {"server_error", "http_error"},
        ),
        ('end(record, "failed", "not_readable", "no_release", message)', {"no_release"}),
        ('end(record, "failed", reason, code or "internal_error", message)', {"internal_error"}),
        ('def _code_of(error):\n    return "task_timeout" if late else None', {"task_timeout"}),
        ('end(record, "failed", reason, f"check_{verdict}", message)', {"check_failed", "check_inconclusive"}),
        ('error.with_code("plans_not_available", "...")', {"plans_not_available"}),
        ('error.code == "not_found"', set()),
    ],
)
def test_codes_are_found_where_they_are_given(source, expected):
    assert set(codes_in(source)) == expected


def test_codes_of_the_modules_are_listed_and_no_others():
    assert set(listed("From the modules")) == used("module_utils")


def test_codes_of_the_role_are_listed_and_no_others():
    assert set(listed("From the role")) == used("plugin_utils") - used("module_utils")


def test_codes_of_the_simulator_are_listed():
    assert set(CODES.values()) <= set(listed("From LaunchDarkly")) | set(listed("From the modules"))


def test_codes_are_listed_once():
    codes = [code for title in SECTIONS for code in listed(title)]
    assert len(codes) == len(set(codes))
    assert codes == re.findall(r"^### (.*)$", PAGE.replace("`", ""), re.MULTILINE)


@pytest.mark.parametrize("title", SECTIONS)
def test_codes_have_a_meaning_a_cause_and_a_remedy(title):
    _about, *parts = re.split(r"^### ", section(title), flags=re.MULTILINE)
    status = r"- \*\*HTTP status:\*\* \d{3}\n" if title == "From LaunchDarkly" else ""
    text = r"\S(?:.|\n(?! *[-\n]))*\.\n"
    form = rf"`\w+`\n\n{text}\n{status}- \*\*Cause:\*\* {text}- \*\*Remedy:\*\* {text}\n?"
    assert [part for part in parts if not re.fullmatch(form, part)] == []


def test_error_page_is_a_page_of_the_documentation():
    """The address that a failed task shows is where galaxy.yml says that the documentation is."""
    home = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["documentation"]
    assert home.removesuffix("README.md") + "docs/errors.md" == error_page.PAGE


@pytest.mark.parametrize("code", [code for title in SECTIONS for code in listed(title)])
def test_error_page_has_the_address_of_each_code(code):
    assert error_page.add_address("No.", code) == f"No. See {error_page.PAGE}#{code}"
