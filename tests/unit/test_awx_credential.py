# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX makes of a credential of ours, by the same means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

VARIABLES = Path(__file__).resolve().parents[2] / "playbooks" / "vars" / "awx.yml"
SETTINGS: dict[str, Any] = yaml.safe_load(VARIABLES.read_text(encoding="utf-8").replace("!unsafe ", ""))
TEMPLATE = SETTINGS["awx_credential_injectors"]["env"]["LAUNCHDARKLY_API_HOST"]


@pytest.mark.parametrize(
    ("inputs", "host"),
    [
        *(({"instance": instance}, host) for host, instance in SETTINGS["awx_instances"].items()),
        ({"instance": "EU", "api_host": "https://proxy.example.com"}, "https://app.eu.launchdarkly.com"),
        ({"instance": "other", "api_host": "https://proxy.example.com"}, "https://proxy.example.com"),
        ({"instance": "other"}, "https://the-credential-has-no-address.invalid"),
        ({}, "https://the-credential-has-no-address.invalid"),
    ],
)
def test_credential_gives_the_host_of_its_instance(inputs: dict[str, str], host: str) -> None:
    assert ImmutableSandboxedEnvironment().from_string(TEMPLATE).render(inputs) == host


def test_credential_has_a_choice_for_each_instance() -> None:
    fields = {field["id"]: field for field in SETTINGS["awx_credential_inputs"]["fields"]}
    assert fields["instance"]["choices"] == [*SETTINGS["awx_instances"].values(), "other"]
    assert [name for name, field in fields.items() if field.get("secret")] == ["access_token"]


def test_credential_template_names_fields_that_exist() -> None:
    """AWX renders it with this text for each field, and refuses it where a field is undefined."""
    names = [field["id"] for field in SETTINGS["awx_credential_inputs"]["fields"]]
    strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    assert strict.from_string(TEMPLATE).render(dict.fromkeys(names, "EXAMPLE")) == "EXAMPLE"
