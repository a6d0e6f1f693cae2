# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are in a checkout, and where the tools put what they make."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The name of the collection, as the path that Ansible wants it under.
COLLECTION = Path("ansible_collections", "flagops", "launchdarkly")

VENVS = ROOT / ".venv"
CACHE = ROOT / ".cache"
DIST = ROOT / "dist"

TOOLS = Path("tests", "tools")
SIMULATOR = Path("plugins", "plugin_utils", "simulator")
BUNDLED_PIP = ROOT / TOOLS / "bundled_pip.py"
