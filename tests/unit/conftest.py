# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With ONLY_CORE=true, only the files run whose result may depend on the ansible-core."""

from __future__ import annotations

import functools
import os
import re
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
IMPORTS_ANSIBLE = re.compile(r"^\s*(?:from|import) ansible[. \n]", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    if os.environ.get("ONLY_CORE") != "true" or not collection_path.name.startswith("test_"):
        return None
    return True if not depends_on_core(collection_path.read_text()) else None


def depends_on_core(source: str) -> bool:
    """Does a test import Ansible, or a plugin that does?"""
    return bool(IMPORTS_ANSIBLE.search(source) or imports_of_users().search(source))


@functools.cache
def imports_of_users() -> re.Pattern[str]:
    """How a file imports one of the plugin files that import Ansible."""
    files = [path for path in PLUGINS.rglob("*.py") if IMPORTS_ANSIBLE.search(path.read_text())]
    names = [(r"\.".join(path.parent.relative_to(PLUGINS.parent).parts), path.stem) for path in files]
    return re.compile("|".join(rf"{package}(?:\.{name}\b| import [^\n]*\b{name}\b)" for package, name in names))
