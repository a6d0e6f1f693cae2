# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that makes reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.filter.release_report import release_report
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support


@pytest.mark.parametrize("format_", ["json", "markdown", "html", "svg", "artifact"])
def test_release_report_makes_every_format(format_: str) -> None:
    made = release_report(support.whole_run(), format_, release=support.under_way())
    assert isinstance(made, dict if format_ == "artifact" else str)


@pytest.mark.parametrize("format_", ["json", "markdown", "html", "svg", "artifact"])
def test_release_report_takes_a_report_that_was_kept(format_: str) -> None:
    kept = json.loads(release_report(support.whole_run(), release=support.under_way()))
    assert release_report(kept, format_) == release_report(support.whole_run(), format_, release=support.under_way())


def test_release_report_names_what_it_cannot_use() -> None:
    with pytest.raises(
        AnsibleFilterError, match=r"unknown format 'pdf'\. Valid formats: json, markdown, html, svg, artifact"
    ):
        release_report(support.whole_run(), "pdf")
    with pytest.raises(AnsibleFilterError, match=r"cannot read this record of a run.*project_key"):
        release_report({})
    with pytest.raises(AnsibleFilterError, match=r"release_report: The report template .*gone.html.j2 cannot be read"):
        release_report(support.whole_run(), "html", template="gone.html.j2")


def test_release_report_finds_a_template_where_ansible_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.html.j2").write_text("{{ document.flag_key }}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert release_report(support.whole_run(), "html", template="own.html.j2") == "new-cart"
