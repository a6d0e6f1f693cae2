# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/awx.md has a new user write and run: the tests do just that."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "examples" / "awx-project"
TEXT = (ROOT / "docs" / "awx.md").read_text()


def block(language: str, having: str) -> str:
    """The one block of that language with this text in it."""
    (found,) = [
        text for text in re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) if having in text
    ]
    return str(found)


def commands(having: str, beginning: str) -> list[list[str]]:
    """Each command of a block that begins so, split as a shell does."""
    lines = block("shell", having).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith(beginning)]


MAKE_PROJECT = block("shell", "cp -r ")
SETTINGS = (PROJECT / "awx.yml").read_text()
RELEASE_SETTINGS = block("yaml", "# awx.yml, continued\n")
OPTIONAL = [block("yaml", f"# awx.yml, {part}\n") for part in ("schedules", "all releases", "notifications")]
CHECK, CONFIGURE = commands("awx_configure", "ansible-playbook ")
(LAUNCH_RELEASE,) = commands("awx job_templates launch", "awx ")
(LAUNCH_WORKFLOW,) = commands("awx workflow_job_templates launch", "awx ")

URL = yaml.safe_load(SETTINGS)["awx_project_scm_url"]
FILES = sorted(str(path.relative_to(PROJECT)) for path in PROJECT.rglob("*") if path.is_file())
PLAYBOOKS = sorted(path.name for path in PROJECT.glob("*.yml") if "import_playbook" in path.read_text())
