# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the role are the same in its argument specs, its defaults, its README and its code; so are its events."""

from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.access import HOST, TOKEN
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import SETTINGS
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.notices import EVENTS
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import STAND_IN, PhaseSettings
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_model import ReleaseSettings
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import NOTICES
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.variables import EXCHANGED

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "release"
# The code that reads the variables of the role.
READERS = sorted((ROOT / "plugins" / "plugin_utils" / "_in_process").glob("*.py"))


def load(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROLE / name).read_text(encoding="utf-8")))


OPTIONS: dict[str, Any] = load("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
DEFAULTS = load("defaults/main.yml")
README = (ROLE / "README.md").read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    """The names that stand in a Python file as texts of their own."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


USED = {
    *(name for path in READERS for name in names_in(path)),
    *(f"release_{name}" for name in SETTINGS),
    *(f"release_{name}_url" for name in NOTICES),
    *re.findall(r"\w+", (ROLE / "vars" / "main.yml").read_text(encoding="utf-8")),
}


def test_variables_have_the_documented_defaults() -> None:
    documented = {name: option["default"] for name, option in OPTIONS.items() if not option.get("required")}
    assert documented == {name: value for name, value in DEFAULTS.items() if name not in EXCHANGED}


def test_every_variable_is_in_the_settings_model() -> None:
    settings = set(OPTIONS) - {TOKEN, HOST}
    assert {name.removeprefix("release_") for name in settings} == set(ReleaseSettings.model_fields) - {"skip"}


def test_token_is_no_setting_of_a_run() -> None:
    assert TOKEN.removeprefix("release_") not in SETTINGS
    assert OPTIONS[TOKEN]["no_log"] is True


def test_release_phase_has_a_stand_in_before_there_is_one() -> None:
    assert set(DEFAULTS) & EXCHANGED == {"release_phase"}
    assert DEFAULTS["release_phase"]["environments"] == [STAND_IN]
    assert set(DEFAULTS["release_phase"]) >= {field.name for field in dataclasses.fields(PhaseSettings)}


def test_variables_that_are_optional_take_null() -> None:
    """A survey delivers null for a question left open, and ansible-core 2.16 refuses null for every type but raw."""
    assert {option["type"] for option in OPTIONS.values() if not option.get("required")} == {"raw"}


@pytest.mark.parametrize("name", OPTIONS)
def test_variables_are_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", OPTIONS)
def test_variables_are_used(name: str) -> None:
    assert name in USED


def test_events_are_in_the_readme() -> None:
    table = README.partition("| Event |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if "`" in line)))
    assert documented == set(EVENTS)
