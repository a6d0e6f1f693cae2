# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the role's settings in the docs are what the role and its JSON schema accept."""

from __future__ import annotations

import datetime
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import read_settings
from ansible_collections.flagops.launchdarkly.tests.tools import settings_schema

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/**/*.md"), *ROOT.glob("examples/**/*.md")]
)
FOLDERS = ("examples", "extensions", "playbooks", "roles/*/defaults", "roles/*/tasks", "roles/*/vars")
FILES = sorted(path for folder in FOLDERS for path in ROOT.glob(f"{folder}/**/*.y*ml"))
SCHEMA = json.loads(settings_schema.FILE.read_text(encoding="utf-8"))
SETTINGS = frozenset(SCHEMA["properties"])


class Loader(yaml.SafeLoader):
    """YAML as Ansible reads it: with its tags, and with dates, which JSON does not have, as text."""


def plain(loader: Loader, _suffix: str, node: yaml.Node) -> Any:
    return (
        loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_object(node, deep=True)
    )


Loader.add_multi_constructor("!", plain)


def documents(text: str) -> Iterator[Any]:
    for document in yaml.load_all(text, Loader=Loader):
        yield json.loads(json.dumps(document, default=datetime.date.isoformat))


def settings_in(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from settings_in(item)
    elif isinstance(node, dict):
        found = {key: value for key, value in node.items() if key in SETTINGS}
        if found:
            yield found
        for item in node.values():
            yield from settings_in(item)


def examples() -> list[Any]:
    found = []
    for page in PAGES:
        fences = re.findall(r"^ *```ya?ml\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        found += [
            (page, settings)
            for text in fences
            for part in documents(textwrap.dedent(text))
            for settings in settings_in(part)
        ]
    for path in FILES:
        parts = documents(path.read_text(encoding="utf-8"))
        found += [
            (path, settings) for part in parts for settings in settings_in(part) if "options" not in str(settings)
        ]
    return [
        pytest.param(settings, id=f"{path.relative_to(ROOT)}-{index}") for index, (path, settings) in enumerate(found)
    ]


EXAMPLES = examples()


@pytest.mark.parametrize("settings", EXAMPLES)
def test_docs_settings_are_accepted(settings: dict[str, Any]) -> None:
    jsonschema.validate(settings, SCHEMA)
    if "{{" not in str(settings):
        read_settings({key.removeprefix("release_"): value for key, value in settings.items()})


def test_docs_have_an_example_of_each_setting() -> None:
    assert {key for example in EXAMPLES for key in example.values[0]} == SETTINGS
