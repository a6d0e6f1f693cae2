# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects: where they come from, and what the last fetch of them has left."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Errors, Item
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import Store

Repositories = Mapping[str, Sequence[str]]

# A change of these has AWX fetch the project.
SOURCE = ("scm_type", "scm_url", "scm_branch")
_SCHEMES = {
    "git": {"ssh", "git", "http", "https", "ftp", "ftps", "file"},
    "svn": {"http", "https", "svn", "svn+ssh", "file"},
    "archive": {"http", "https"},
    "insights": {"http", "https"},
}


def errors(whole: Item, repositories: Repositories) -> Errors:
    if whole["scm_type"] == "":
        if whole["local_path"] not in repositories:
            return {"local_path": ["Invalid path choice."]}
        if whole["scm_update_on_launch"]:
            return {"scm_update_on_launch": ["Update options must be set to false for manual projects."]}
        return {}
    if not whole["scm_url"]:
        return {"scm_url": ["SCM URL is required."]}
    if not _is_supported(whole["scm_type"], whole["scm_url"]):
        return {"scm_url": [f"Unsupported {whole['scm_type']} URL"]}
    return {}


def _is_supported(scm_type: str, url: str) -> bool:
    if "://" in url:
        return urlsplit(url).scheme in _SCHEMES[scm_type]
    # A path, or user@host:path.
    return scm_type == "git"


def update(store: Store, project: Item, repositories: Repositories) -> Item:
    """Fetch it. A fetch that fails leaves what the last good one has brought."""
    found = repositories.get(project["scm_url"])
    if found is not None:
        project["playbook_files"] = sorted(found)
        project["scm_revision"] = hashlib.sha1("\n".join(sorted(found)).encode(), usedforsecurity=False).hexdigest()
    project["status"] = "failed" if found is None else "successful"
    values = {
        "name": project["name"],
        "status": project["status"],
        "failed": found is None,
        "finished": "2026-01-01T00:00:00Z",
        "scm_revision": project.get("scm_revision", ""),
    }
    return store.add("project_updates", values)


def playbooks(project: Item, repositories: Repositories) -> list[str]:
    """AWX looks into the folder of a manual project each time."""
    if project["scm_type"] == "":
        return sorted(repositories.get(project["local_path"], ()))
    return list(project.get("playbook_files", ()))
