# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record itself: what it begins with, and what is handed on of it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import (
    Run,
    completed_run,
)


def test_record_has_every_phase_before_anything_is_done() -> None:
    run = Run()
    assert run.is_running
    assert [entry["phase"] for entry in run.record["phases"]] == ["Test", "Staging", "Production"]
    assert {entry["action"] for entry in run.record["phases"]} == {None}
    assert run.returned().is_running


def test_record_has_no_action_for_a_skipped_phase() -> None:
    run = Run("completed", "active", "not_started")
    assert [entry["action"] for entry in run.record["phases"]] == ["none", None, None]


def test_public_record_is_plain_data_without_internal_keys() -> None:
    shown = records.public(completed_run().ended().record, {"collection": "0.3.0"})
    assert json.loads(json.dumps(shown)) == shown
    assert not set(records.INTERNAL) & set(shown)
    assert {"state", "reason", "error_code", "message", "next_phase", "waits_until", "phases"} <= set(shown)
    assert shown["versions"] == {"collection": "0.3.0"}


def test_public_record_has_no_templates() -> None:
    record = {**Run().record, "message": "{{ lookup('pipe', 'id') }}"}
    assert "{{" not in records.public(record)["message"]


def test_internal_keys_are_in_the_record() -> None:
    assert set(records.INTERNAL) <= set(Run().record)


def test_warning_hides_the_address_of_a_webhook() -> None:
    address = "https://hooks.example.com/T0/secret"
    record = records.warn(Run().record, f"could not be sent: no host at {address}\n", ["", address])
    assert record["warnings"] == ["could not be sent: no host at (its address) "]
    assert records.is_running(record)


@pytest.mark.parametrize(
    ("result", "counts"),
    [
        ({"requests": 2, "retries": 1}, (3, 1)),
        ({}, (1, 0)),
        # A task of the user's may return anything under these names.
        ({"requests": "many", "retries": True}, (1, 0)),
    ],
)
def test_counts_add_whole_numbers_only(result: dict[str, object], counts: tuple[int, int]) -> None:
    record = records.add_counts(Run().record, result)
    assert (record["requests"], record["retries"]) == counts


def test_note_is_left_once() -> None:
    run = Run()
    once = records.note(run.record, run.step(), "Seen.")
    assert records.note(once, run.step(), "Seen.") is once
    assert once["phases"][0]["notes"] == ["Seen."]
