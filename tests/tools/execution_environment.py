# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image with the collection is made from, tried without a container engine: every step but the image itself."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import ansible_test
import processes
import simulator
import venvs
from artifact import Artifact
from processes import Finished
from pythons import Python
from report import Outcome, one_test
from venvs import Venv

_DEFINITION = "execution-environment.yml"
_GUIDE = Path("docs", "execution-environment.md")
_NAME = "flagops.launchdarkly"

# The Python libraries and the system package that the collection says it needs.
_NEEDS = {"pydantic", "requests", "tzdata"}

_FLAG = ("-e", "release_project_key=demo", "-e", "release_flag_key=new-checkout")


@dataclass(frozen=True)
class ExecutionEnvironment:
    """The artifact is what the images of others would have installed; it is built and installed before these steps."""

    venv: Venv
    python: Python
    artifact: Artifact

    @property
    def tree(self) -> Path:
        return self.artifact.tree

    def from_galaxy(self) -> Outcome:
        """The definition as it stands makes a build context, whose base is an argument of the build."""
        context = self.tree / "context"
        created = self._create(_DEFINITION, context)
        if created.code:
            return one_test(created)
        # Its name depends on the container engine that the builder finds.
        (recipe,) = context.glob("*file")
        wanted = {
            "ARG EE_BASE_IMAGE=": recipe,
            "FROM $EE_BASE_IMAGE": recipe,
            _NAME: context / "_build" / "requirements.yml",
        }
        missing = [text for text, path in wanted.items() if text not in path.read_text()]
        return Outcome(failed=1, output=f"Not in the context: {missing}") if missing else Outcome(passed=1)

    def from_file(self) -> Outcome:
        """With what the guide puts in, the context holds the collection, and its Galaxy stage installs that."""
        (entries,) = re.findall(r"^```yaml\n(.*?)^```", (self.tree / _GUIDE).read_text(), re.MULTILINE | re.DOTALL)
        name = f"{self.artifact.built.name}"
        entries = re.sub(r"flagops-launchdarkly-\S+?\.tar\.gz", name, entries)
        head = (self.tree / _DEFINITION).read_text().partition("\ndependencies:\n")[0]
        (self.tree / "from-file.yml").write_text(f"{head}\n{entries}")
        context = self.tree / "context-from-file"
        created = self._create("from-file.yml", context)
        if created.code:
            return one_test(created)
        # As the Dockerfile of the context has it, but without Galaxy, which is not needed.
        command = ("collection", "install", "--offline", "-r", "requirements.yml", "-p", self.tree / "from-file")
        return one_test(self._run(context / "_build", "ansible-galaxy", *command))

    def needs(self) -> Outcome:
        """The builder finds in the installed collection what there is to install with it."""
        python, system = self._lists
        options = ("--write-pip", python, "--write-bindep", system)
        found = self._run(self.tree, "ansible-builder", "introspect", *options, self.artifact.place)
        if found.code:
            return one_test(found)
        named = {re.split(r"[^\w-]", line)[0] for line in [*_lines(python), *_lines(system)]}
        return Outcome(passed=1) if named == _NEEDS else Outcome(failed=1, output=f"Found: {sorted(named)}")

    def demo(self) -> Outcome:
        """With ansible-core and the list that the builder made, and nothing else."""
        clean = venvs.ensure("needs", self.python, ["ansible-core>=2.16", *_lines(self._lists[0])])
        with simulator.running(clean.python, self.artifact.collection) as service:
            environment = self._environment(**service.environment)
            command: list[str | Path] = [clean.bin / "ansible-playbook", "flagops.launchdarkly.demo"]
            return one_test(processes.run(command, cwd=self.artifact.place, env=environment))

    def navigator(self) -> Outcome:
        """ansible-navigator finds a playbook by its name, and runs it."""
        options = ("--ee", "false", "-m", "stdout", "--pas", "navigator.json", "--lf", "navigator.log")
        with simulator.running(self.venv.python, self.artifact.collection) as service:
            command = ("run", "flagops.launchdarkly.release", *options, *_FLAG, "-e", "release_until=Test")
            finished = self._run(self.artifact.place, "ansible-navigator", *command, **service.environment)
        shown = "1 of 3 phases complete" in finished.output
        return one_test(finished) if shown else Outcome(failed=1, output=finished.output)

    @property
    def _lists(self) -> tuple[Path, Path]:
        return self.tree / "needs-of-python.txt", self.tree / "needs-of-system.txt"

    def _create(self, definition: str, context: Path) -> Finished:
        shutil.rmtree(context, ignore_errors=True)
        return self._run(self.tree, "ansible-builder", "create", "-f", definition, "-c", context)

    def _run(self, folder: Path, tool: str, *arguments: str | Path, **extra: str) -> Finished:
        return processes.run([self.venv.bin / tool, *arguments], cwd=folder, env=self._environment(**extra))

    def _environment(self, **extra: str) -> dict[str, str]:
        """What lies beside a tool of a virtual environment is what it calls."""
        search = f"{self.venv.bin}:/usr/local/bin:/usr/bin:/bin"
        place = str(self.artifact.place)
        return ansible_test.environment(self.tree, ANSIBLE_COLLECTIONS_PATH=place, PATH=search, NO_COLOR="1", **extra)


def _lines(path: Path) -> list[str]:
    """Without what the builder adds to each line about where it comes from."""
    stripped = [line.partition("#")[0].strip() for line in path.read_text().splitlines()]
    return [line for line in stripped if line]
