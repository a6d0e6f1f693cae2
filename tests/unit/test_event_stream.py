# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook for an event stream is the one that tests/events runs, with another source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

RULEBOOKS = Path(__file__).resolve().parents[2] / "extensions" / "eda" / "rulebooks"


def rulebook(name: str) -> dict[str, Any]:
    (found,) = yaml.safe_load((RULEBOOKS / f"{name}.yml").read_text(encoding="utf-8"))
    return dict(found)


def test_event_stream_rulebook_has_the_rules_of_release_job() -> None:
    assert rulebook("release_event_stream")["rules"] == rulebook("release_job")["rules"]


def test_event_stream_rulebook_hears_nothing_by_itself() -> None:
    (source,) = rulebook("release_event_stream")["sources"]
    assert source == {"name": "LaunchDarkly", "eda.builtin.generic": {"payload": []}}
