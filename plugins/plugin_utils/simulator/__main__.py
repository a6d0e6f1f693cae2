# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the simulator, from its folder (``python3 .../simulator``) or by its full name (``python3 -m ...``)."""

from __future__ import annotations

import importlib
import os
import sys


def run() -> int:
    """Find this package under the name it was started by, and run its command line."""
    package = __package__
    if not package:
        # Started as a folder: Python put the folder itself on the path, where its packages would hide others.
        folder = os.path.dirname(os.path.abspath(__file__))
        sys.path[0], package = os.path.split(folder)
    return int(importlib.import_module(f"{package}.cli.main").main())


if __name__ == "__main__":
    sys.exit(run())
