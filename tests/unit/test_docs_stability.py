# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/stability.md promises what is there, and forgets no playbook, rulebook, variable of the environment or private plugin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "stability.md").read_text(encoding="utf-8")
# It is there to be watched.
NOT_PROMISED = {"demo"}

PLAYBOOKS = {
    name: re.findall(r"`(\w+)`", variables)
    for name, variables in re.findall(r"^\| `flagops\.launchdarkly\.(\w+)` \| ?(.*) \|$", PAGE, re.MULTILINE)
}


def first_cells(head: str) -> set[str]:
    """The names in the first column of a table."""
    table = PAGE.partition(f"\n| {head} |")[2].partition("\n\n")[0]
    return {name for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}


def documentation(path: Path) -> dict[str, object]:
    found = re.search(r'^DOCUMENTATION = r"""\n(.*?)^"""', path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return yaml.safe_load(found[1]) if found else {}


def is_private(path: Path) -> bool:
    return str(documentation(path).get("description")).startswith("['Private to ")


def test_stability_lists_the_playbooks():
    assert set(PLAYBOOKS) == {path.stem for path in ROOT.glob("playbooks/*.yml")} - NOT_PROMISED


@pytest.mark.parametrize("name", sorted(PLAYBOOKS))
def test_stability_lists_variables_that_the_playbook_has(name):
    files = [*ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("plugins/plugin_utils/_in_process/*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [variable for variable in PLAYBOOKS[name] if not re.search(rf"\b{variable}\b", text)] == []


def test_stability_lists_the_rulebooks():
    assert first_cells("Rulebook") == {path.stem for path in ROOT.glob("extensions/eda/rulebooks/*.yml")}


def test_stability_lists_the_environment_variables():
    fragment = (ROOT / "plugins" / "doc_fragments" / "connection.py").read_text(encoding="utf-8")
    assert first_cells("Environment variable") == set(re.findall(r"- name: (\w+)$", fragment, re.MULTILINE))


def test_stability_lists_the_private_plugins():
    (sentence,) = re.findall(r"^- \*\*Private plugins\*\*: (.*?)\.$", PAGE, re.DOTALL | re.MULTILINE)
    plugins = [path for kind in ("modules", "filter") for path in ROOT.glob(f"plugins/{kind}/*.py")]
    listed = set(re.findall(r"`([a-z]\w+)`", sentence))
    assert listed == {path.stem for path in plugins if is_private(path)}


def test_stability_names_the_version_of_the_report():
    schemas = {path.stem.rpartition("-")[2] for path in ROOT.glob("docs/schemas/release-report-*.json")}
    assert set(re.findall(r"JSON report, as long as its `version` is (\d+)", PAGE)) == schemas


def test_stability_names_the_cores_that_are_tested():
    cores = re.search(r"^CORES = \{(.*)\}$", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert cores
    row = next(line for line in PAGE.splitlines() if line.startswith("| ansible-core |"))
    assert set(re.findall(r"\b2\.\d+", row)) == set(re.findall(r'"(2\.\d+)"', cores[1]))


def test_version_is_the_same_wherever_users_read_it():
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    pages = [
        ROOT / "README.md",
        *ROOT.glob("docs/*.md"),
        # A run of the notebook leaves compiled files.
        *(path for path in ROOT.glob("examples/**/*.*") if path.suffix != ".pyc"),
        ROOT / "execution-environment.yml",
    ]
    named = r"flagops(?:-launchdarkly-|\.launchdarkly:)(\d+\.\d+\.\d+)"
    found = {path.name: set(re.findall(named, path.read_text(encoding="utf-8"))) for path in pages if path.is_file()}
    assert {name: versions for name, versions in found.items() if versions - {version}} == {}
