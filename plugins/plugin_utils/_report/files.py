# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Where the files of a report go, and the task files that publish them."""

from __future__ import annotations

import hashlib
import re
import typing as t
from pathlib import Path

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_files
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import locate

if t.TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS = {"json": "json", "markdown": "md", "html": "html"}

# File systems bear 255 bytes a name.
_LONGEST = 80
_HASH = 8


def paths(record: Mapping[str, t.Any], folder: t.Any, started_in: str) -> dict[str, str]:
    """The path of each format, and of the folder, as absolute ones; `folder` is `release_report_dir`."""
    base = Path(started_in, Path(str(folder)).expanduser())
    moment = str(record.get("finished_at") or record.get("started_at") or "").replace(":", "")
    stem = "-".join(_safe(part) for part in (record["project_key"], record["flag_key"], moment))
    return {"dir": str(base), **{kind: str(base / f"{stem}.{suffix}") for kind, suffix in FORMATS.items()}}


def _safe(part: t.Any) -> str:
    """A key as part of a file name. One that has to be changed gets a hash, or two keys could become one name."""
    text = str(part)
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".-")[:_LONGEST]
    if safe == text:
        return safe
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_HASH]
    return f"{safe}_{digest}"


def to_publish(files: t.Any, folder: t.Any, started_in: str) -> list[dict[str, str | None]]:
    """The user's task files, with their path, or with the problem of one that Ansible could not run.

    `files` is `release_report_publish`, `folder` is `release_tasks_dir`.
    """
    try:
        names = read_files("release_report_publish", files)
    except SettingsError as error:
        return [{"name": "release_report_publish", "path": None, "problem": str(error)}]
    return [_task_file(name, folder, started_in) for name in names]


def _task_file(name: str, folder: t.Any, started_in: str) -> dict[str, str | None]:
    plan = {"notify": [], "steps": [], "parts": [{"kind": "hook", "file": name}]}
    try:
        return {"name": name, "path": locate(plan, folder, started_in)["parts"][0]["path"], "problem": None}
    except SettingsError as error:
        return {"name": name, "path": None, "problem": str(error)}
