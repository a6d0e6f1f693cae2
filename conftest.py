# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes this checkout importable as ansible_collections.flagops.launchdarkly, wherever it lies.

Imports find the files of the checkout under their real paths, so that breakpoints and coverage refer to them. Programs that a
test starts find the collection through a link, which is on sys.path as well.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

_ROOT = Path(__file__).resolve().parent
_PACKAGES = (
    ("ansible_collections", _ROOT.parents[1]),
    ("ansible_collections.flagops", _ROOT.parent),
    ("ansible_collections.flagops.launchdarkly", _ROOT),
)

for _name, _folder in _PACKAGES:
    _package = sys.modules[_name] = ModuleType(_name)
    _package.__path__ = [str(_folder)]
    if "." in _name:
        setattr(sys.modules[_name.rpartition(".")[0]], _name.rpartition(".")[2], _package)

from ansible_collections.flagops.launchdarkly.tests.tools.checkout import collections_path  # noqa: E402  importable from here on

sys.path.insert(0, str(collections_path()))
