# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marks that a later run recognises an earlier one by."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.markers import (
    EVERYONE,
    UNDO,
    ReleaseMark,
    approval_mark,
    audience_of,
    has_undo_mark,
    read_release_mark,
    with_undo_mark,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import Clause
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    BETA,
    DEVICE,
    KIND,
    STAFF,
)


@pytest.mark.parametrize("audience", [EVERYONE, "0123abcd"])
def test_release_mark_is_read_back(audience: str) -> None:
    mark = ReleaseMark("89abcdef", audience, 12)
    assert read_release_mark(f"Release to eu {mark}, edited by hand") == mark


@pytest.mark.parametrize(
    "text", [None, "", "[flagops]", UNDO, "[flagops 89abcdef everyone]", "[flagops 89ABCDEF everyone 1]", "flagops 1"]
)
def test_release_mark_of_another_text(text: str | None) -> None:
    assert read_release_mark(text) is None


def test_undo_mark_of_an_audience_is_its_own() -> None:
    assert with_undo_mark(None) == UNDO
    assert with_undo_mark("Job 4711") == f"Job 4711 {UNDO}"
    assert has_undo_mark(with_undo_mark("x"))
    assert not has_undo_mark(with_undo_mark("x", "0123abcd"))
    assert has_undo_mark(with_undo_mark("x", "0123abcd"), "0123abcd")
    assert not has_undo_mark("Turned off by hand")


@pytest.mark.parametrize(
    ("clauses", "others", "same"),
    [
        ([KIND], [], True),
        ([KIND], [DEVICE], True),
        ([KIND, BETA], [BETA], True),
        ([BETA, STAFF], [STAFF, BETA], True),
        ([BETA], [STAFF], False),
        ([BETA], [], False),
        ([BETA], [Clause("segmentMatch", "segmentMatch", ("beta",), negate=True)], False),
        ([Clause("kind", "in", ("user", "device"), context_kind="user")], [], False),
        ([Clause("kind", "in", ("user",), context_kind="user", negate=True)], [], False),
        ([Clause("kind", "in", ("device",), context_kind="user")], [], False),
    ],
)
def test_audience_leaves_out_the_context_kind(clauses: list[Clause], others: list[Clause], same: bool) -> None:
    assert (audience_of(clauses) == audience_of(others)) is same


def test_approval_mark_names_what_is_released() -> None:
    marks = {
        approval_mark(*given) for given in (("v", "eu", "a"), ("w", "eu", "a"), ("v", "us", "a"), ("v", "eu", "b"))
    }
    assert len(marks) == 4
