# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What takes part in a run, by version."""

from __future__ import annotations

import importlib.metadata
import platform

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
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
