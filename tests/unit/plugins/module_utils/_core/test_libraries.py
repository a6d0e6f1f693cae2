# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way in which a library cannot be used, in a Python of its own: everything loads, and a task says what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = "ansible_collections.flagops.launchdarkly.plugins"
RUN = f"""
import json
from {ROOT}.plugin_utils._in_process import module_action, run_action, sequence_action
from {ROOT}.module_utils._core.runtime import Runtime
from {ROOT}.module_utils._definitions.release_info import RELEASE_INFO
from {ROOT}.module_utils._module.run import execute
options = {{"access_token": "x", "project_key": "demo", "flag_key": "cart"}}
print(json.dumps(execute(RELEASE_INFO, options, Runtime(), check_mode=False)[0]))
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requests", 'raise ImportError("No module named requests")'),
        ("pydantic", 'raise ImportError("No module named pydantic")'),
        ("pydantic", 'raise SystemError("compiled for another Python")'),
        ("pydantic", "BaseModel = object"),
    ],
    ids=["requests", "pydantic", "pydantic of another Python", "pydantic 1"],
)
def test_library_that_cannot_be_used_is_named(name: str, text: str, tmp_path: Path, collections: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(f"{text}\n")
    environment = {"PYTHONPATH": f"{tmp_path}:{collections}", "HOME": str(tmp_path)}
    command = [sys.executable, "-c", RUN]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  our own
    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout)
    assert (result["error_code"], result["changed"], result["error"]["kind"]) == ("missing_library", False, "option")
    assert f"cannot import {name}" in result["msg"]
