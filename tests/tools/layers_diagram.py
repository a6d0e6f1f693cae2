# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the layers of plugins/ from what the layer test allows.

    python3 tests/tools/layers_diagram.py    writes docs/images/layers.svg

A unit test compares the file with what this draws.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIAGRAM = ROOT / "docs" / "images" / "layers.svg"

# The layers from top to bottom: what people meet first is at the top.
LAYERS = (
    ("What people use", ("modules", "action", "inventory", "lookup", "filter"), "#e8eef9"),
    ("Releases as hosts", ("plugin_utils/_inventory",), "#fdf1dc"),
    ("Runs a task on the controller", ("plugin_utils/_in_process",), "#fdf1dc"),
    ("The role: report", ("plugin_utils/_report",), "#f4e9f7"),
    ("The role: sequence, pure", ("plugin_utils/_release", "plugin_utils/_shared"), "#f4e9f7"),
    ("What each module is", ("module_utils/_definitions",), "#fdf1dc"),
    ("A module: options in, result out", ("module_utils/_module",), "#fdf1dc"),
    ("Read, decide, send, confirm", ("module_utils/_operations",), "#e6f4ea"),
    ("LaunchDarkly's APIs", ("module_utils/_backends",), "#e6f4ea"),
    ("HTTP", ("module_utils/_http",), "#e6f4ea"),
    ("Decisions, pure", ("module_utils/_decisions",), "#e6f4ea"),
    ("Models and basics", ("module_utils/_model", "module_utils/_core"), "#eef0f3"),
)
WIDTH, HEIGHT, GAP, LEFT = 520, 52, 14, 12

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"
  aria-labelledby="title" font-family="sans-serif" font-size="14" fill="#1c2430">
  <!--
  Copyright: Contributors to the flagops.launchdarkly project
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later
  -->
  <title id="title">The layers of the collection; a folder imports only what lies below it</title>
  <rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>
"""


def draw() -> str:
    height = LEFT * 2 + len(LAYERS) * (HEIGHT + GAP) - GAP
    boxes = "".join(_box(number, *layer) for number, layer in enumerate(LAYERS))
    return HEAD.format(width=WIDTH, height=height) + boxes + "</svg>\n"


def _box(number: int, title: str, folders: Iterable[str], color: str) -> str:
    top = LEFT + number * (HEIGHT + GAP)
    names = escape("  ".join(folders))
    return (
        f'  <rect x="{LEFT}" y="{top}" width="{WIDTH - 2 * LEFT}" height="{HEIGHT}" rx="6" fill="{color}" stroke="#8a94a6"/>\n'
        f'  <text x="{LEFT * 2}" y="{top + 21}" font-weight="bold">{escape(title)}</text>\n'
        f'  <text x="{LEFT * 2}" y="{top + 41}" font-family="monospace" font-size="12.5">{names}</text>\n'
    )


if __name__ == "__main__":
    DIAGRAM.write_text(draw(), encoding="utf-8")
