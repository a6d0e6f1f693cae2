# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the releases of a project stand: the lines for a terminal, and the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import files, overview
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import to_overview_page
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support

NOW = "2026-10-26T09:33:20.000Z"
HOST = "https://app.launchdarkly.com"
LINK = f"{HOST}/shop/test/features/cart"


def flag(key: str = "cart", **fields: Any) -> dict[str, Any]:
    return {
        "flag_key": key,
        "list_key": "standard",
        "pipeline_key": "standard",
        "pipeline_name": "Standard",
        "exists": True,
        "complete": False,
        "phase": "Test",
        "phase_index": 0,
        "status": "ready_to_start",
        "environment_key": "test",
        "since": "2026-10-26T07:33:20.000Z",
        "turn": "person",
        "waits_for": "its start",
        "approval_link": None,
        "problem": None,
        **fields,
    }


LATER = {
    "phase": "Production",
    "phase_index": 1,
    "status": "active",
    "turn": "launchdarkly",
    "waits_for": "LaunchDarkly",
}


def read(*flags: dict[str, Any], **fields: Any) -> dict[str, Any]:
    phases = [{"id": "t", "name": "Test", "releases": 1}, {"id": "p", "name": "Production", "releases": 0}]
    counts = {"active_count": 1, "completed_count": 2, "phases": phases}
    pipelines = [{"key": "standard", "name": "Standard", "is_legacy": False, **counts}]
    return {"project_key": "shop", "pipelines": pipelines, "flags": list(flags), "completed_flags": ["over"], **fields}


def document(*flags: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return overview.document(read(*flags, **fields), NOW, HOST)


def test_overview_lists_by_phase_and_the_oldest_first() -> None:
    flags = [
        flag("late", **LATER),
        flag("young", since="2026-10-26T09:33:00.000Z"),
        flag("old"),
        flag("gone", phase=None, phase_index=None, since=None),
        flag("timeless", since=None),
    ]
    assert overview.lines(document(*flags)) == [
        "shop: 5 releases, 4 of them wait for a person.",
        "Standard: 1 active, 2 completed",
        "  ◎  Test            old       2h   its start",
        "  ◎  Test            young     20s  its start",
        "  ◎  Test            timeless  -    its start",
        "  ▶  Production      late      2h   LaunchDarkly",
        "  ◎  ready_to_start  gone      -    its start",
    ]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([], "No release is active."),
        ([flag()], "1 release, 1 of them waits for a person."),
        ([flag(turn="launchdarkly")], "1 release, none of them waits for a person."),
        ([flag(turn="launchdarkly"), flag("b", turn=None, problem="No.")], "2 releases, 1 of them waits for a person."),
        ([flag(), flag("b", exists=False, turn=None)], "1 release, 1 of them waits for a person."),
    ],
)
def test_overview_counts_what_waits_for_people(flags: list[dict[str, Any]], said: str) -> None:
    assert overview.lines(document(*flags))[0] == f"shop: {said}"


def test_overview_of_named_flags_has_one_list() -> None:
    none = {
        "exists": False,
        "phase": None,
        "phase_index": None,
        "status": None,
        "since": None,
        "turn": None,
        "waits_for": None,
    }
    lines = overview.lines(document(flag(), flag("free", **none), pipelines=[]))
    assert lines[1:] == ["  ◎  Test  cart  2h  its start", "  ?  -     free  -   It is in no release pipeline."]


@pytest.mark.parametrize(("stuck_after", "stuck"), [(7199, True), (7200, False), (None, False)])
def test_overview_marks_what_is_stuck(stuck_after: float | None, stuck: bool) -> None:
    found = overview.document(read(flag(), flag("timeless", since=None)), NOW, HOST, stuck_after)
    first, _title, line, other = overview.lines(found)
    assert ("1 is stuck" in first, "2h !" in line, "!" in other) == (stuck, stuck, False)
    assert ("07:33:20 UTC Stuck" in text_of(to_overview_page(found))) is stuck


def test_overview_marks_legacy_pipelines() -> None:
    given = read(flag(status="legacy"))
    given["pipelines"][0]["is_legacy"] = True
    lines = overview.lines(overview.document(given, NOW, HOST))
    assert lines[1:] == ["Standard (legacy): 1 active, 2 completed", "  ○  Test  cart  2h  its start"]


def test_overview_lists_flags_that_go_through_environments() -> None:
    def listed(key: str, phase: str | None, status: str | None) -> dict[str, Any]:
        since = "2026-10-26T07:33:20.000Z"
        return {"flag_key": key, "phase": phase, "environment_key": phase, "status": status, "since": since}

    releases = [
        listed("b", "production", "active"),
        listed("a", "test", "ready_to_start"),
        listed("done", None, "completed"),
        listed("unfit", None, None),
        # They are in a pipeline, which says more.
        listed("cart", "test", "active"),
        listed("over", "test", "ready_to_start"),
    ]
    read_ = overview.with_environments(read(flag()), releases, ["test", "production"])
    found = overview.document(read_, NOW, HOST)
    assert overview.lines(found)[1:] == [
        "Standard: 1 active, 2 completed",
        "  ◎  Test  cart  2h  its start",
        "Through test, production: 2 active, 1 completed",
        "  ◎  test        a  2h  its start",
        "  ▶  production  b  2h  its rollout",
    ]
    assert "Test 1 Production 0 Completed 2" in text_of(to_overview_page(found))
    assert "test 1 production 1 Completed 1" in text_of(to_overview_page(found))


@pytest.mark.parametrize("text", ["x" * 200, "word " * 50, "\N{FULLWIDTH LATIN SMALL LETTER A}" * 90])
def test_overview_lines_fit_the_terminal(text: str) -> None:
    given = read(flag(text, phase=text, problem=text), project_key=text)
    given["pipelines"][0]["name"] = text
    for line in overview.lines(overview.document(given, NOW, HOST)):
        assert overview.width(line) <= overview.LONGEST_LINE
        assert line.endswith("\N{HORIZONTAL ELLIPSIS}")


def test_overview_of_no_flags_is_one_line() -> None:
    assert overview.lines(document(pipelines=[])) == ["shop: No release is active."]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]).split())


def test_overview_page_shows_what_is_known() -> None:
    asked = flag("asked", **{**LATER, "waits_for": "approval in eu by ada", "approval_link": "https://ld/r1"})
    page = to_overview_page(document(flag(), asked))
    text = text_of(page)
    for said in (
        "2 releases, 1 of them waits for a person.",
        "Test Ready to start 2h ago 2026-10-26 07:33:20 UTC its start",
        "Production Active 2h ago 2026-10-26 07:33:20 UTC approval in eu by ada Approval request",
        "Test 1 Production 0 Completed 2",
    ):
        assert said in text
    assert re.findall(r'href="([^"]*)"', page) == [LINK, LINK.replace("cart", "asked"), "https://ld/r1"]


def test_overview_page_of_an_empty_project() -> None:
    text = text_of(to_overview_page(document()))
    assert "Nothing waits No release is active." in text
    assert "Standard No release is active. Test 1" in text


def test_overview_page_needs_nothing_but_itself() -> None:
    page = to_overview_page(document(flag()))
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    assert not re.search(r"<(script|img|link|iframe)|url\(http|@import", page)


def test_overview_page_takes_no_text_for_markup() -> None:
    # What comes from a module has no lone surrogates.
    text = support.HOSTILE.replace("\ud800", "")
    names = ("phase", "waits_for", "problem", "approval_link", "status", "since", "environment_key")
    for name in names:
        value = NOW if name == "since" else text
        page = to_overview_page(document(flag(text, **{name: value})))
        assert "<script" not in page
        assert 'href="javascript' not in page


def test_overview_file_is_replaced(tmp_path: Path) -> None:
    for key in ("cart", "dark-mode"):
        path = files.write_overview(document(flag(key)), "reports", str(tmp_path))
    assert path == str(tmp_path / "reports" / "shop-overview.html")
    assert [item.name for item in (tmp_path / "reports").iterdir()] == ["shop-overview.html"]
    assert "dark-mode" in Path(path).read_text(encoding="utf-8")
    assert Path(path).stat().st_mode & 0o777 == 0o644


def test_overview_file_stays_in_its_folder(tmp_path: Path) -> None:
    path = Path(files.write_overview(document(project_key="../../etc"), "reports", str(tmp_path)))
    assert path.parent == tmp_path / "reports"
