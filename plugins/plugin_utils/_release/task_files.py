# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The task files that a plan names: where they are, and whether Ansible can read them.

Ansible reads a task file when it is due, and a broken one ends the whole playbook, past every rescue, so that the run leaves no report.
So all of them are checked before anything moves.
"""

from __future__ import annotations

import contextlib
import typing as t
from pathlib import Path

import yaml

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_files

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The role's own files for notices, which are named in release_notify as they are called.
NOTICES = ("webhook", "chat", "slack", "teams")
VAULTED = "$ANSIBLE_VAULT"


def locate(plan: Mapping[str, t.Any], folder: t.Any, started_in: str) -> dict[str, t.Any]:
    """The plan with the `path` of every task file; `folder` is `release_tasks_dir`. Raises SettingsError if one cannot be used."""
    base = Path(started_in, Path(str(folder or "")).expanduser())
    problems = [f"{file}: {problem}" for file in dict.fromkeys(_files(plan)) for problem in _problems(base / file)]
    if problems:
        raise SettingsError(f"Task files in {base} cannot be used: {'; '.join(problems)}.")
    return {
        **plan,
        "parts": [{**part, "path": str(base / part["file"])} if part.get("file") else part for part in plan["parts"]],
        "notify": [
            {
                "name": name,
                "path": f"notices/{name}.yml" if name in NOTICES else str(base / name),
                "is_ours": name in NOTICES,
            }
            for name in plan["notify"]
        ],
        "steps": [{**step, "checks": [_with_path(check, base) for check in step["checks"]]} for step in plan["steps"]],
    }


def usable_notices(files: t.Any, folder: t.Any, started_in: str) -> list[dict[str, t.Any]]:
    """Those of `release_notify` that can be sent without a plan: a run that fails so early sends notices too."""
    try:
        names = read_files("release_notify", files)
    except SettingsError:
        return []
    found: list[dict[str, t.Any]] = []
    for name in names:
        with contextlib.suppress(SettingsError):
            found += locate({"notify": [name], "parts": [], "steps": []}, folder, started_in)["notify"]
    return found


def _files(plan: Mapping[str, t.Any]) -> Iterator[str]:
    """Those that this run may reach."""
    yield from (name for name in plan["notify"] if name not in NOTICES)
    for part in plan["parts"]:
        if part.get("file"):
            yield part["file"]
        if part["kind"] == "check" and (file := plan["steps"][part["step"]]["checks"][part["check"]]["file"]):
            yield file


def _with_path(check: Mapping[str, t.Any], base: Path) -> dict[str, t.Any]:
    return {**check, "path": str(base / check["file"]) if check["file"] else None}


def _problems(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        yield f"cannot be read ({getattr(error, 'strerror', None) or error})"
        return
    if text.startswith(VAULTED):
        return
    try:
        # Composed and not loaded, since this loader does not know Ansible's own tags (!vault, !unsafe).
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        yield f"is not YAML ({' '.join(str(error).split())})"
        return
    if root is not None and not isinstance(root, yaml.SequenceNode):
        yield "is not a list of tasks"
