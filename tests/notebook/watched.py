# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A notebook run by papermill, with all pictures that its cells showed meanwhile. The file holds only the last one of each."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import papermill
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

Json = dict[str, Any]


def run(
    notebook: Path, made: Path, environment: Mapping[str, str], parameters: Mapping[str, Any]
) -> dict[str, list[Json]]:
    """By the id of a cell: the data that it showed and replaced, in order."""
    seen: dict[str, list[Json]] = {}

    class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
        def process_message(self, msg: Json, cell: Json, cell_index: int) -> Any:
            if msg["msg_type"] == "update_display_data":
                seen.setdefault(cell["id"], []).append(msg["content"]["data"])
            return super().process_message(msg, cell, cell_index)

    class Engine(NBClientEngine):  # type: ignore[misc]  # as above
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **_options: Any) -> Any:
            return Client(nb_man, kernel_name=kernel_name, timeout=600).execute(env=dict(environment))

    papermill_engines.register("watched", Engine)
    papermill.execute_notebook(
        notebook,
        made,
        parameters=dict(parameters),
        engine_name="watched",
        # The kernel of this environment, not one that a user has made known by the same name.
        kernel_name="python3",
        progress_bar=False,
        cwd=notebook.parent,
    )
    return seen


def pictures(data: Json) -> list[str]:
    """The SVG in what a cell shows."""
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', data.get("text/html", ""))
    return [base64.b64decode(picture).decode() for picture in found]


def phases(picture: str) -> dict[str, str]:
    """The phases of a timeline, each with what stands beside it."""
    names = re.findall(r'class="name">([^<]*)<', picture)
    return dict(zip(names, re.findall(r'class="aside">([^<]*)<', picture), strict=True))
