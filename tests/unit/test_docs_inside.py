# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map from rules to files names files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "inside.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("| Rule | File |")[2].partition("\n\n")[0]
ROWS = [line.split("|")[1:3] for line in TABLE.splitlines() if "`" in line]


def test_map_has_twenty_rules() -> None:
    assert len(ROWS) >= 20


@pytest.mark.parametrize(("rule", "files"), ROWS)
def test_map_names_files_that_exist(rule: str, files: str) -> None:
    found = re.findall(r"`([\w/.]+\.py)`", files)
    assert found, rule
    assert [name for name in found if not (ROOT / "plugins" / name).is_file()] == []
