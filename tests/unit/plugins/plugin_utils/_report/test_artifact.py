# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a report is shortened for job artifacts."""

from __future__ import annotations

import json

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.artifact import LIMIT, size, to_artifact
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support


def test_artifact_of_a_small_document_is_the_document() -> None:
    document = report(support.whole_run())
    assert to_artifact(document) == document


def test_artifact_loses_the_oldest_measurements_first() -> None:
    document = report(support.huge_run())
    assert size(document) > LIMIT
    short = to_artifact(document)
    assert LIMIT * 0.95 < size(short) <= LIMIT
    dropped = short["shortened"]["measurements_dropped"]
    assert (dropped > 0, short["shortened"]["texts_cut_at"]) == (True, None)
    kept = [item["at"] for check in short["phases"][0]["checks"] for item in check["measurements"]]
    before = [item["at"] for check in document["phases"][0]["checks"] for item in check["measurements"]]
    assert sorted(kept) == sorted(before)[dropped:]
    assert [check["verdict"] for check in short["phases"][0]["checks"]] == ["passed"] * 50
    assert document["shortened"] is None


def test_artifact_with_cut_texts_keeps_verdicts() -> None:
    run = support.whole_run()
    run["message"] = "no end of words " * 100_000
    run["phases"][0]["notes"] = ["x" * 300_000] * 4
    short = to_artifact(report(run))
    assert size(short) <= LIMIT
    assert short["shortened"]["texts_cut_at"] == 2000
    assert short["state"] == "failed"
    assert [check["verdict"] for phase in short["phases"] for check in phase["checks"]] == [
        "passed",
        "passed",
        "passed",
        "failed",
    ]
    assert short["message"].endswith("…")


@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "{% if x %}", "{# note #}", "{{{ x }}}"])
def test_artifact_has_no_template(text: str) -> None:
    """A comment written in LaunchDarkly must not run code in a later job."""
    run = support.whole_run()
    run["phases"][1]["approvals"][0]["comment"] = text
    run["versions"] = {text: "1"}
    written = json.dumps(to_artifact(report(run)))
    assert not any(opening in written for opening in ("{{", "{%", "{#"))
