# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address at the end of the message of a failed task."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import (
    PAGE,
    add_address,
    with_address,
    without_address,
)


@pytest.mark.parametrize(
    ("message", "code", "said"),
    [
        ("It is paused.", "phase_paused", f"It is paused. See {PAGE}#phase_paused"),
        ("missing: phase", "invalid_option", f"missing: phase. See {PAGE}#invalid_option"),
        ("Really?\n", "invalid_option", f"Really? See {PAGE}#invalid_option"),
        ("No.", "Odd code)", f"No. See {PAGE}"),
        (f"No. See {PAGE}#not_found", "not_found", f"No. See {PAGE}#not_found"),
    ],
)
def test_address_is_the_last_sentence(message: str, code: str, said: str) -> None:
    assert add_address(message, code) == said


@pytest.mark.parametrize("code", ["not_found", "Odd code)"])
def test_address_is_left_out_of_quotes(code: str) -> None:
    assert without_address(add_address("No.", code)) == "No."


def test_address_is_for_failed_tasks() -> None:
    error = {"code": "not_found", "message": "No."}
    failed = {"failed": True, "msg": "No.", "error_code": "not_found", "error": error}
    assert with_address(failed) == {**failed, "msg": f"No. See {PAGE}#not_found"}


@pytest.mark.parametrize(
    "result",
    [
        {"msg": "Done.", "error_code": None},
        {"failed": False, "msg": "Done.", "error_code": "not_found"},
        {"failed": True, "msg": "The shop is down.", "error_code": None},
        {"failed": True, "msg": "The module crashed."},
        {"failed": True, "msg": ["one", "two"], "error_code": "not_found"},
    ],
)
def test_address_needs_a_failure_with_a_code(result: dict[str, Any]) -> None:
    assert with_address(result) == result
