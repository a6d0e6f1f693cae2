# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A notebook that ran, as Markdown for the documentation site: nothing is run, and no script or style is added to the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def to_markdown(notebook: Path) -> str:
    """Its headings begin at the second level, those of an output at the fourth."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join(part for cell in cells for part in _cell(cell)) + "\n"


def _cell(cell: Json) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield _lower(source, 1)
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        yield _output(output)


def _output(output: Json) -> str:
    data = {kind: "".join(text) for kind, text in output.get("data", {}).items()}
    if "text/markdown" in data:
        return _lower(data["text/markdown"], 3)
    if "text/html" in data:
        return "```{raw} html\n" + data["text/html"] + "\n```"
    return "```text\n" + (data.get("text/plain") or "".join(output.get("text", ""))).rstrip("\n") + "\n```"


def _lower(text: str, levels: int) -> str:
    return re.sub(r"^#", "#" * (levels + 1), text, flags=re.MULTILINE)
