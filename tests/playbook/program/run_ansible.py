# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook and the like, with the compiled code of collections kept between runs.

Python keeps what it compiles, and Ansible's loader of collections does not: it compiles the same files in each run, for a sixth of
the CPU of a short one. The code that is kept here is that of the same text at the same path by the same Python.
"""

from __future__ import annotations

import hashlib
import importlib
import marshal
import os
import sys
from pathlib import Path
from types import CodeType

from ansible.utils.collection_loader import _collection_finder

FOLDER = Path(__file__).resolve().parents[3] / ".cache" / "compiled" / str(sys.implementation.cache_tag)


def compiled(source: str | bytes, filename: str, mode: str, flags: int, dont_inherit: bool) -> CodeType:
    """As the function compile, which the loader calls in this way."""
    about = repr((source, filename, mode, flags, dont_inherit, sys.version))
    path = FOLDER / hashlib.sha256(about.encode()).hexdigest()
    try:
        code: CodeType = marshal.loads(path.read_bytes())  # noqa: S302  our own, in our own folder
    except (OSError, ValueError, EOFError):
        code = compile(source, filename, mode, flags, dont_inherit)
        FOLDER.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.write_bytes(marshal.dumps(code))
        new.replace(path)
    return code


if __name__ == "__main__":
    _collection_finder.compile = compiled  # type: ignore[attr-defined]  # instead of the builtin
    name = sys.argv[1]
    sys.argv = [f"ansible-{name}", *sys.argv[2:]]
    importlib.import_module(f"ansible.cli.{name}").main()
