# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both ways share: every end of an operation becomes a task result, and the token is in none."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any
from urllib.parse import quote

import pytest
from ansible.module_utils import basic

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core import libraries
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError, ReleaseError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.redact import without_token
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import (
    Definition,
    execute,
    run_module,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import TOKEN, Clock, phase_options

# Everything that is written otherwise in a repr, in a URL or in JSON.
ODD_TOKEN = "api-'\"\\%/+&?#{}<>~"  # noqa: S105  made up


class Operation:
    """Does and answers what a test prepares."""

    def __init__(self, failure: BaseException | None = None, **result: Any) -> None:
        self.warnings = ["mind the gap", "mind the gap", f"not {TOKEN}"]
        self._failure = failure
        self._result = result

    def run(self) -> None:
        if self._failure:
            raise self._failure

    def to_result(self) -> dict[str, Any]:
        if "broken" in self._result:
            raise RuntimeError(self._result["broken"])
        return {"changed": True, **self._result}


def run(operation: Operation, **options: Any) -> tuple[dict[str, Any], list[str]]:
    definition = Definition("flagops.launchdarkly.x", {}, lambda *_unused: operation)
    return execute(definition, phase_options(**options), Clock().runtime(), check_mode=False)


def test_a_success_carries_no_key_of_a_failure() -> None:
    result, warnings = run(Operation(action="start"))
    assert result == {"changed": True, "action": "start"}
    assert warnings == ["mind the gap", "not ********"]


def test_a_failure_keeps_what_the_operation_knows() -> None:
    result, _warnings = run(Operation(ReleaseError("It is paused.", "phase_paused"), action="start"))
    assert result == {
        "changed": True,
        "action": "start",
        "failed": True,
        "msg": "It is paused.",
        "error_code": "phase_paused",
        "http_status": None,
        "error": {
            "kind": "release",
            "code": "phase_paused",
            "message": "It is paused.",
            "status": None,
            "method": None,
            "path": None,
            "request_id": None,
        },
    }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"access_token": "api-1 2"}, "invalid_option"),
        # what Python makes of a variable that is not UTF-8
        ({"access_token": "api-\udcff"}, "invalid_option"),
        ({"api_host": "http://app.launchdarkly.com"}, "insecure_api_host"),
        ({"ca_path": "/nowhere"}, "invalid_option"),
        ({"http_timeout": 0}, "invalid_option"),
        ({"project_key": ".."}, "invalid_option"),
        ({"phase": " "}, "invalid_option"),
        ({"status": "paused", "wait": True}, "invalid_option"),
    ],
)
def test_options_that_cannot_be_used_are_returned(options: dict[str, Any], code: str) -> None:
    result, _warnings = execute(RELEASE_PHASE, phase_options(**options), Clock().runtime(), check_mode=False)
    assert (result["failed"], result["changed"], result["error_code"]) == (True, False, code)
    assert (result["error"]["kind"], result["http_status"]) == ("option", None)


def test_what_is_said_is_on_one_line_and_obeyed_by_no_terminal() -> None:
    """Names in it are LaunchDarkly's, and Ansible shows messages and warnings as they are."""
    operation = Operation(ReleaseError("Phase 'a\x1b[31m\nb\u202e' is paused.", "phase_paused"))
    operation.warnings = ["a\rb\x9b", "a b "]
    result, warnings = run(operation)
    assert result["msg"] == result["error"]["message"] == "Phase 'a [31m b ' is paused."
    assert warnings == ["a b "]


def test_results_are_valid_as_utf_8() -> None:
    """A lone surrogate that Ansible's own output could not hold: module and action plugin return the same."""
    operation = Operation(ReleaseError("no \ud83d", "phase_paused"), phase={"name": "P\ud83d", "\udc00": ("x",)})
    operation.warnings = ["w\ud83d"]
    result, warnings = run(operation)
    json.dumps((result, warnings), ensure_ascii=False).encode()
    assert result["phase"] == {"name": "P?", "?": ["x"]}


def test_a_bug_becomes_a_failure_with_a_traceback() -> None:
    result, _warnings = run(Operation(KeyError("phases"), action="start"))
    assert (result["failed"], result["changed"], result["error_code"]) == (True, True, "internal_error")
    assert "KeyError" in result["msg"]
    assert "Traceback (most recent call last)" in result["exception"]
    assert "test_run.py" in result["exception"]
    assert result["traceback"] == result["exception"].splitlines()


def test_a_bug_in_the_result_itself_becomes_a_failure_too() -> None:
    result, _warnings = run(Operation(broken=f"with {TOKEN}"))
    assert (result["failed"], result["changed"], result["error_code"]) == (True, False, "internal_error")
    assert TOKEN not in json.dumps(result)


def test_a_bug_in_the_result_does_not_hide_the_failure_before_it() -> None:
    result, _warnings = run(Operation(ReleaseError("It is paused.", "phase_paused"), broken="badly"))
    assert (result["failed"], result["error_code"]) == (True, "phase_paused")


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_run_ends_the_task(end: type[BaseException]) -> None:
    with pytest.raises(end):
        run(Operation(end()))


FORMS = {
    "plain": lambda token: token,
    "padded": lambda token: f" {token}\n",
    "repr": repr,
    "repr of bytes": lambda token: repr(token.encode()),
    "percent-encoded": lambda token: quote(token, safe=""),
    "percent-encoded but slashes": quote,
    "json": json.dumps,
    "embedded": lambda token: f"x{token}x{token}",
    "on one line": lambda token: token.replace("\n", " "),
    "base64": lambda token: base64.b64encode(token.encode()).decode(),
    "base64 for URLs": lambda token: base64.urlsafe_b64encode(token.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("token", [TOKEN, ODD_TOKEN], ids=["usual", "odd"])
@pytest.mark.parametrize("padding", ["", " "])
def test_the_token_is_removed_in_every_form(form: str, token: str, padding: str) -> None:
    text = FORMS[form](token)
    result, warnings = run(
        Operation(ValueError(text), note=text, deep=[{"x": (text,)}]), access_token=f"{padding}{token}{padding}"
    )
    for value in (
        result["msg"],
        result["exception"],
        "\n".join(result["traceback"]),
        result["error"]["message"],
        result["note"],
        result["deep"][0]["x"][0],
    ):
        assert token not in value
        assert FORMS[form](token).strip() not in value
    assert token not in repr(warnings)


@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "Basic"])
@pytest.mark.parametrize("after", ["", "c", "cd", ":"])
@pytest.mark.parametrize("token", [TOKEN, ODD_TOKEN], ids=["usual", "odd"])
def test_token_within_base64_is_removed(before: str, after: str, token: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(f"{before}{token}{after}".encode()).decode()
        left = without_token(f"echo {text} end", token)
        assert len(left.replace("*", "")) < len("echo  end") + len(before + after) * 2 + 6
        assert left.startswith("echo ")
        assert left.endswith(" end")


def test_short_token_removes_no_short_base64() -> None:
    assert without_token("YQ and Yg and c", "b") == "YQ and Yg and c"


def test_nothing_but_the_token_is_removed() -> None:
    value = {"changed": True, "count": 3, "none": None, "text": "api-", "list": [1.5, "x"]}
    assert without_token(value, TOKEN) == value
    assert without_token(value, None) == without_token(value, "") == value


def test_missing_library_is_named_with_its_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(libraries.MISSING, "pydantic >= 2", "Traceback ...")
    result, _warnings = run(Operation())
    assert (result["error_code"], result["changed"]) == ("missing_library", False)
    assert result["error"]["kind"] == "option"
    assert "pydantic >= 2" in result["msg"]
    assert sys.executable in result["msg"]


def run_as_module(
    options: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Run ld_release_info as Ansible does: options on the way in, JSON on standard output."""
    arguments = {"ANSIBLE_MODULE_ARGS": {"_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False, **options}}  # noqa: S108  nothing is written there
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps(arguments).encode())
    # ansible-core 2.19 and later need to know how the options are written
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    for variable in ("LAUNCHDARKLY_ACCESS_TOKEN", "LD_ACCESS_TOKEN", "LAUNCHDARKLY_API_HOST"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(SystemExit) as info:
        run_module(RELEASE_INFO)
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert bool(info.value.code) is bool(result.get("failed"))
    return result


def test_null_stands_for_the_default() -> None:
    options = phase_options(http_timeout=None, wait_timeout=None)
    assert RELEASE_PHASE.with_defaults(options) == phase_options()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"access_token": TOKEN, "flag_key": "cart"}, "project_key"),
        ({"project_key": "shop", "flag_key": "cart"}, "LAUNCHDARKLY_ACCESS_TOKEN"),
        ({"project_key": "shop"}, "missing required arguments: flag_key. There is no access token"),
        ({"access_token": "", "project_key": "shop", "flag_key": "cart"}, "LAUNCHDARKLY_ACCESS_TOKEN"),
        ({"access_token": TOKEN, "project_key": "shop", "flag_key": "cart", "typo": 1}, "typo"),
        ({"access_token": TOKEN, "project_key": "shop", "flag_key": "cart", "max_retries": "many"}, "max_retries"),
        ({"access_token": "a b", "project_key": "shop", "flag_key": "cart"}, "access_token"),
        (
            {"access_token": f"{TOKEN}\nx", "project_key": "shop", "flag_key": "cart", "max_retries": f"{TOKEN}\nx"},
            "max_retries",
        ),
        ({"access_token": TOKEN, "project_key": "shop", "flag_key": "cart", "a\x1b[31m": 1}, "a [31m"),
    ],
)
def test_the_module_door_reports_options_as_data(
    options: dict[str, Any], text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run_as_module(options, capsys, monkeypatch)
    assert (result["failed"], result["changed"], result["error_code"]) == (True, False, "invalid_option")
    assert result["error"]["kind"] == "option"
    assert text in result["msg"]
    assert result["msg"].endswith("/docs/errors.md#invalid_option")
    assert "errors.md" not in result["error"]["message"]
    assert TOKEN not in json.dumps(result)


def test_every_error_has_the_same_keys() -> None:
    kinds = [LaunchDarklyError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    assert len(kinds) > 5
    assert {kind.default_code for kind in kinds} >= {
        "invalid_option",
        "connection_failed",
        "http_error",
        "invalid_response",
    }
