# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What notices say."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import notices, undo
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils import role_support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import (
    APPROVAL,
    ASKED,
    NOW,
    Run,
)

EVENT_KEYS = {
    *("event", "at", "project_key", "flag_key", "phase", "environments", "status", "started_at", "completed_at"),
    *("waits_until", "state", "reason", "error_code", "message", "check", "links", "flag_link", "ran_by"),
}


def test_event_about_a_phase_has_what_is_known_of_it() -> None:
    run = Run().answered(approvals=[APPROVAL, APPROVAL])
    event = notices.event(run.record, "approval_pending", NOW, run.step())
    assert set(event) == EVENT_KEYS
    assert (event["event"], event["at"], event["phase"]) == ("approval_pending", NOW, "Test")
    assert (event["environments"], event["status"], event["links"]) == (["test"], "active", ["https://ld/r1"])
    assert (event["started_at"], event["completed_at"]) == (role_support.STARTED, None)
    assert (event["reason"], event["message"]) == ("approval", f"{ASKED}; {ASKED}")
    assert notices.chat_text(event) == f"shop/cart, phase Test (test): approval pending: {ASKED}; {ASKED}"


def test_event_of_the_end_is_about_the_phase_it_ended_in() -> None:
    run = Run(on_failure="turn_off").returned().hook_failed()
    event = notices.event(run.record, "failed", NOW)
    assert (event["event"], event["phase"], event["environments"]) == ("failed", "Test", ["test"])
    assert (event["reason"], event["message"]) == ("before_failed", run.message)


def test_event_of_an_undo_lists_where_it_was_turned_off() -> None:
    run = Run(on_failure="turn_off").returned().hook_failed()
    record = undo.undone(run.record, NOW, "test", {"changed": True})
    record = undo.undone(record, NOW, "eu", {"failed": True, "msg": "No."})
    event = notices.event(record, "undone", NOW)
    assert (event["phase"], event["environments"]) == ("Test", ["test"])


def test_event_of_a_completed_run_is_about_no_phase() -> None:
    run = Run("completed", "completed", "completed").ended()
    event = notices.event(run.record, "completed", NOW)
    assert (event["event"], event["phase"], event["environments"], event["links"]) == ("completed", None, [], [])
    assert set(event) == EVENT_KEYS


@pytest.mark.parametrize(
    ("ok", "name", "verdict"), [(True, "check_passed", "passed"), (False, "check_failed", "failed")]
)
def test_event_of_a_check_has_its_verdict(ok: bool, name: str, verdict: str) -> None:
    run = Run(checks=["smoke.yml"]).returned().checked(ok)
    event = notices.event(run.record, name, NOW, run.step())
    assert event["check"] == {"name": "smoke.yml", "verdict": verdict, "detail": "no cart"}


def test_event_of_another_name_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="started_twice"):
        notices.event(Run().record, "started_twice", NOW)


def test_chat_text_is_one_line_that_mentions_nobody() -> None:
    run = Run()
    event = notices.event(run.record, "failed", NOW, run.step())
    event.update(message="<!channel> & all\nof it", links=["https://ld/r1"])
    assert notices.chat_text(event) == (
        "shop/cart, phase Test (test): failed: &lt;!channel&gt; &amp; all of it https://ld/r1"
    )
