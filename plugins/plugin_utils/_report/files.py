# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The files of a report: where they go, the template of the page, and the task files that publish them."""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from pathlib import Path

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_files
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import locate
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import (
    TEMPLATE,
    TemplateProblem,
    check_template,
    to_html,
    to_overview_page,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markdown import to_markdown

if t.TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS = {"json": "json", "markdown": "md", "html": "html"}

# A file system takes 255 bytes a name.
_MAX_LENGTH = 80
_HASH_LENGTH = 8


def paths(record: Mapping[str, t.Any], folder: t.Any, started_in: str) -> dict[str, str]:
    """The absolute path of each format, and of the folder; `folder` is `release_report_dir`."""
    base = _base(folder, started_in)
    moment = str(record.get("finished_at") or record.get("started_at") or "").replace(":", "")
    stem = "-".join(_safe(part) for part in (record["project_key"], record["flag_key"], moment))
    return {"dir": str(base), **{kind: str(base / f"{stem}.{suffix}") for kind, suffix in FORMATS.items()}}


def write(files: Mapping[str, str], document: Mapping[str, t.Any], template: Path) -> None:
    """Write the files that `paths` has named. Raises OSError, or TemplateProblem for the page."""
    Path(files["dir"]).mkdir(mode=0o755, parents=True, exist_ok=True)
    texts = {
        "json": json.dumps(document, ensure_ascii=False, indent=2) + "\n",
        "markdown": to_markdown(document),
        "html": to_html(document, template),
    }
    for kind, text in texts.items():
        path = Path(files[kind])
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)


def write_overview(document: Mapping[str, t.Any], folder: t.Any, started_in: str) -> str:
    """Write the page and return its path, which is the same each time. Raises OSError and TemplateProblem."""
    path = _base(folder, started_in) / f"{_safe(document['project_key'])}-overview.html"
    text = to_overview_page(document)
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    # Who reads it meanwhile gets one page as a whole.
    fresh = path.with_suffix(".html.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o644)
    fresh.replace(path)
    return str(path)


def _base(folder: t.Any, started_in: str) -> Path:
    return Path(started_in, Path(str(folder or "")).expanduser())


def _safe(part: t.Any) -> str:
    """A key as part of a file name. A changed one gets a hash, or two keys could become one name."""
    text = str(part)
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".-")[:_MAX_LENGTH]
    if safe == text:
        return safe
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_HASH_LENGTH]
    return f"{safe}_{digest}"


def template_path(name: t.Any, folder: t.Any, started_in: str) -> Path:
    """The template of the HTML page. `name` is `release_report_template`, `folder` is `release_tasks_dir`.

    Raises SettingsError for one that cannot be used, so that a run finds out before it starts anything.
    """
    if not name:
        return TEMPLATE
    path = _base(folder, started_in) / Path(str(name)).expanduser()
    try:
        check_template(path)
    except TemplateProblem as error:
        raise SettingsError(f"release_report_template: {error}") from error
    return path


def to_publish(files: t.Any, folder: t.Any, started_in: str) -> list[dict[str, str | None]]:
    """The user's task files: each with its path, or with the problem of one that Ansible could not run.

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
