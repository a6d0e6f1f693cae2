# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write docs/schemas/release-settings-1.json, the JSON schema of the role's larger settings for editors.

It is generated from the model that the role itself uses; each conversion says what it accepts beside the type that it makes. Run it in a
Python with pydantic and PyYAML: python tests/tools/settings_schema.py
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release"
FILE = ROOT / "docs" / "schemas" / "release-settings-1.json"
ADDRESS = f"https://raw.githubusercontent.com/flagops/flagops.launchdarkly/main/docs/schemas/{FILE.name}"
SETTINGS = ("environments", "phases", "checks", "freeze")

Schema = dict[str, Any]


class _Accepted(GenerateJsonSchema):
    """What the role accepts, instead of what the model holds after the conversions."""

    def function_before_schema(self, schema: Any) -> Any:
        conversion = schema["function"]["function"]
        if not hasattr(conversion, "schema"):
            return self.generate_inner(schema["schema"])
        if not conversion.adds:
            return dict(conversion.schema)
        return {"anyOf": [self.generate_inner(schema["schema"]), dict(conversion.schema)]}


def generate() -> Schema:
    model = importlib.import_module(f"{RELEASE}.settings_model")
    whole = model.ReleaseSettings.model_json_schema(schema_generator=_Accepted)
    properties = {f"release_{name}": whole["properties"][name] for name in SETTINGS}
    used = _used(properties, whole["$defs"])
    return {
        # Editors' YAML support knows this draft best.
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ADDRESS,
        "$comment": "Copyright: Contributors to the flagops.launchdarkly project. GNU General Public License v3.0+ (see LICENSE).",
        "title": "Settings of the role flagops.launchdarkly.release",
        "description": "The larger variables of the role, for files of variables. Other variables are allowed and not checked.",
        "type": "object",
        "properties": {name: _tidy(node) for name, node in properties.items()},
        "$defs": {name: _tidy(whole["$defs"][name]) for name in sorted(used)},
    }


def _used(node: Any, definitions: Schema) -> set[str]:
    """The definitions that a node needs, directly or not."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            name = str(item.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(definitions[name])
            waiting += [value for key, value in item.items() if key != "$ref"]
    return found


def _tidy(node: Any) -> Any:
    """Without titles and empty defaults; every dictionary may also be a text; one list of alternatives instead of nested ones."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    values = importlib.import_module(f"{RELEASE}.settings_values")
    if node == {"type": "null"}:
        return values.NOT_GIVEN_SCHEMA
    if "$ref" in node:
        more = {key: value for key, value in node.items() if key not in ("$ref", "default")}
        return {**more, "anyOf": [{"$ref": node["$ref"]}, values.DICTIONARY_TEXT_SCHEMA]}
    tidy = {key: _tidy(value) for key, value in node.items() if not _is_noise(key, value)}
    if "anyOf" in tidy:
        alternatives = [
            part for item in tidy["anyOf"] for part in (item["anyOf"] if set(item) == {"anyOf"} else [item])
        ]
        tidy["anyOf"] = [item for index, item in enumerate(alternatives) if item not in alternatives[:index]]
    return tidy


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, "", [], {}))


def text() -> str:
    return json.dumps(generate(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder, *RELEASE.split(".")[:3])
        link.parent.mkdir(parents=True)
        link.symlink_to(ROOT)
        sys.path.insert(0, folder)
        FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
