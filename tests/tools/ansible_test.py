# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test sanity needs: a copy of the checkout under git, a home folder, and a pip for its environments.

ansible-test fetches a get-pip script from a host of its own, which a network with nothing but a package registry does not
reach. It looks for the script in the home folder first, and finds one that has uv install everything.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ansible_collections.flagops.launchdarkly.tests.tools import checkout, processes

# The names under which the supported versions of ansible-test look for the script.
_SCRIPTS = ("get_pip_23_1_2.py", "get_pip_24_2.py", "get_pip_25_2.py")

_GET_PIP = """
import os, sys, sysconfig
folder = os.path.join(sysconfig.get_path("purelib"), "pip")
os.makedirs(folder, exist_ok=True)
open(os.path.join(folder, "__init__.py"), "w").close()
with open(os.path.join(folder, "__main__.py"), "w") as file:
    file.write({pip!r})
"""

# ansible-test passes no environment on, so what uv needs of ours is written here.
_PIP = """
import os, subprocess, sys
command, *options = [word for word in sys.argv[1:] if word not in ("--disable-pip-version-check", "-y")]
if command == "-V":
    sys.exit(print("pip 1 (uv)"))
environment = dict(os.environ, **{environment!r})
uv = [{uv!r}, "pip", command, "--quiet", "--python", sys.executable, *options]
sys.exit(subprocess.call(uv, env=environment))
"""


def prepare(home: Path, uv: str) -> Path:
    """A copy of the checkout in a home folder for ansible-test. The environments that ansible-test made before stay."""
    kept = home / checkout.COLLECTION / "tests" / "output" / ".tmp"
    aside = home / "kept"
    if kept.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
        kept.rename(aside)
    shutil.rmtree(home / checkout.COLLECTION, ignore_errors=True)
    tree = checkout.copy_to(home)
    if aside.is_dir():
        kept.parent.mkdir(parents=True)
        aside.rename(kept)
    # ansible-test asks git which files there are.
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=tree, env=processes.clean_environment(), check=True, capture_output=True)
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    ours = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("UV_", "SSL_CERT_")) or "_proxy" in name.lower()
    }
    # ansible-test takes what a library's first compilation warns of for a failure; so it is compiled when it is installed.
    ours["UV_COMPILE_BYTECODE"] = "1"
    for name in _SCRIPTS:
        (cache / name).write_text(_GET_PIP.format(pip=_PIP.format(uv=uv, environment=ours)))
    return tree


def keep_results(tree: Path, folder: Path) -> None:
    """Put the results where tests/tools/run_sessions.py counts them."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in tree.glob("tests/output/junit/*.xml"):
        path.replace(folder / path.name)
