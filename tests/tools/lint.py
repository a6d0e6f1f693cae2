# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The linters, each one test, on a copy of the collection."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ansible_test
import processes
import pythons
import tree as trees
from layout import CACHE, COLLECTION
from processes import Finished
from pythons import Python
from report import Outcome, one_test
from venvs import Venv


@dataclass(frozen=True)
class Lint:
    venv: Venv
    tree: Path
    pythons: Sequence[Python]

    def ruff_check(self) -> Outcome:
        return self._tool("ruff", "check", "--no-cache", "--quiet", "--output-format", "concise", ".")

    def ruff_format(self) -> Outcome:
        return self._tool("ruff", "format", "--check", "--no-cache", "--output-format", "concise", ".")

    def mypy_plugins(self) -> Outcome:
        """From the folder above, so that the imports of the collection by its full name resolve."""
        return self._mypy(trees.collections_path(self.tree), COLLECTION / "plugins")

    def mypy_tools(self) -> Outcome:
        # The tests themselves are for pytest, which is not here.
        fake = "tests/awx/fake_awx"
        return self._mypy(self.tree, "tests/tools", "tests/bench", fake, MYPYPATH="tests/tools:tests/awx")

    def yamllint(self) -> Outcome:
        return self._tool("yamllint", "--strict", ".")

    def ansible_lint(self) -> Outcome:
        return self._tool("ansible-lint", "--offline", "--strict", "--profile", "production")

    def shellcheck(self) -> Outcome:
        if not shutil.which("shellcheck"):
            return Outcome(left_out=["the system has no shellcheck"])
        return one_test(processes.run(["shellcheck", ".ci/run"], cwd=self.tree))

    def reuse(self) -> Outcome:
        """Every file says under which licence it is."""
        return self._tool("reuse", "lint", "--lines")

    def no_sanity_ignores(self) -> Outcome:
        found = sorted(str(path.relative_to(self.tree)) for path in self.tree.glob("tests/sanity/ignore*"))
        return Outcome(failed=1, output="Mend what they hide: " + ", ".join(found)) if found else Outcome(passed=1)

    def collection_docs(self) -> Outcome:
        options = ("--plugin-docs", "--skip-rstcheck", "--validate-collection-refs=self")
        return self._tool("antsibull-docs", "lint-collection-docs", *options, ".")

    def changelog(self) -> Outcome:
        return self._tool("antsibull-changelog", "lint")

    def _mypy(self, folder: Path, *targets: str | Path, **extra: str) -> Outcome:
        options = ("--config-file", self.tree / "pyproject.toml", "--cache-dir", CACHE / "mypy", "--no-error-summary")
        return self._tool("mypy", *options, *targets, folder=folder, **extra)

    def _tool(self, name: str, *arguments: str | Path, folder: Path | None = None, **extra: str) -> Outcome:
        ansible_test.prepare_home(self.tree, self.venv)
        search = pythons.search_path(self.pythons, self.venv.bin)
        environment = ansible_test.environment(self.tree, PATH=search, NO_COLOR="1", **extra)
        finished = processes.run([self.venv.bin / name, *arguments], cwd=folder or self.tree, env=environment)
        return one_test(_seen_from_the_checkout(finished))


def _seen_from_the_checkout(finished: Finished) -> Finished:
    return replace(finished, output=finished.output.replace(f"{COLLECTION}/", ""))
