# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What takes part in a run, by version."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

from ansible.release import __version__ as ansible_version

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.version import VERSION


def versions() -> dict[str, str | None]:
    return {
        "collection": VERSION,
        "ansible_core": ansible_version,
        "python": platform.python_version(),
        "requests": _version_of("requests"),
        "pydantic": _version_of("pydantic"),
    }


def _version_of(package: str) -> str | None:
    """A library that is loaded says it itself: its metadata would have to be found and parsed in the process of each task."""
    version = getattr(sys.modules.get(package), "__version__", None)
    if isinstance(version, str):
        return version
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
