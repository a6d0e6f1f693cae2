# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in a virtual environment, makes the pip that Python carries importable there, which takes a tenth of a second.

To have it installed, as ensurepip and get-pip do, takes three, and there are some forty environments.
"""

from __future__ import annotations

import ensurepip
import sys
import sysconfig
import zipfile
from pathlib import Path


def main() -> None:
    folders = [Path(ensurepip.__file__).parent / "_bundled"]
    debians = sysconfig.get_config_var("WHEEL_PKG_DIR")
    if debians:
        folders.append(Path(debians))
    wheels = [wheel for folder in folders for wheel in folder.glob("pip-*.whl")]
    if not wheels:
        sys.exit(f"This Python carries no pip; there is none in {' or '.join(map(str, folders))}.")
    with zipfile.ZipFile(wheels[0]) as packed:
        packed.extractall(sysconfig.get_path("purelib"))


if __name__ == "__main__":
    main()
