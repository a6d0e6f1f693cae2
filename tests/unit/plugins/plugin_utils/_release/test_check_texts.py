# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates in the texts of checks: what is filled in before the plan, what is filled in for each phase, and what never is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jinja2 import StrictUndefined, TemplateError
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.check_texts import (
    Templating,
    evaluate,
    fill_in,
    needs_template,
    texts_to_fill_in,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import (
    STAND_IN,
    Check,
    SettingsError,
    read_settings,
)

URL = "https://{{ release_phase.environments[0] }}.example.com/health"
LOOKUP = "{{ lookup('ansible.builtin.pipe', 'touch /tmp/here') }}"


class Unsafe(str):
    """A text that Ansible marks as unsafe."""

    __slots__ = ()


VARIABLES: dict[str, Any] = {
    "release_phase": {"phase": STAND_IN, "environments": [STAND_IN]},
    "smoke": [{"http": {"url": URL}}],
    "alias": "{{ smoke }}",
    "circle": "{{ circle }}",
    "more": [{"command": "true"}],
    "web": {"url": URL, "timeout": "{{ patience }}"},
    "patience": 7,
    "folder": "runbooks",
    "argv": {"argv": ["ls", "{{ folder }}"]},
    "line": "ls -l",
    "from_survey": Unsafe(URL),
}


class Ansible:
    """Ansible's templating, as small as it can be."""

    def __init__(self, **variables: Any) -> None:
        self.variables = {**VARIABLES, **variables}
        self.templated: list[str] = []

    def template(self, text: str) -> Any:
        self.templated.append(text)
        environment = NativeEnvironment(undefined=StrictUndefined, autoescape=False)
        try:
            found = environment.from_string(str(text)).render(**self.variables)
            str(found)  # what is undefined fails here
        except TemplateError as error:
            raise ValueError(str(error)) from error
        return self.nested(found)

    def nested(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.nested(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.nested(item) for item in value]
        return self.template(value) if isinstance(value, str) and "{{" in value else value

    def raw_value(self, name: str) -> Any:
        return self.variables[name]

    def checks(self, given: Any) -> tuple[Check, ...]:
        return self.settings(checks=given).checks

    def settings(self, **raw: Any) -> Any:
        return read_settings(
            evaluate(raw, Templating(self.template, lambda text: not isinstance(text, Unsafe), self.raw_value))
        )


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        ([{"http": {"url": URL}}], {"url": URL}),
        ([{"http": {"url": "https://example.com"}}], {}),
        (json.dumps([{"http": {"url": URL}}]), {"url": URL}),
        ("{{ smoke }}", {"url": URL}),
        ("{{ alias }}", {"url": URL}),
        (
            [{"http": {"url": "u", "status": "{{ code }}", "headers": {"X-Key": "{{ key }}"}}}],
            {"status": "{{ code }}", "headers.X-Key": "{{ key }}"},
        ),
        ([{"http": {"url": "u", "status": [200, "{{ code }}"]}}], {"status[1]": "{{ code }}"}),
        ([{"http": "{{ web }}"}], {"url": URL, "timeout": "{{ patience }}"}),
        ([{"command": "ls {{ folder }}"}], {"cmd": "ls {{ folder }}"}),
        ([{"command": "{{ line }}"}], {"cmd": "{{ line }}"}),
        ([{"command": "{{ argv }}"}], {"argv[1]": "{{ folder }}"}),
        ([{"command": {"argv": ["ls", "{{ folder }}"]}}], {"argv[1]": "{{ folder }}"}),
        (
            [
                {
                    "prometheus": {
                        "url": "u",
                        "query": "up{env='{{ release_phase.environments[0] }}'}",
                        "condition": "value > 0",
                    }
                }
            ],
            {"query": "up{env='{{ release_phase.environments[0] }}'}"},
        ),
    ],
)
def test_check_texts_stay_templates_in_the_settings(given: Any, texts: dict[str, str]) -> None:
    for checks in (
        Ansible().checks(given),
        Ansible().settings(phases=[{"phase": "A", "checks": given}]).phases[0].checks,
    ):
        assert texts_to_fill_in(checks[0]) == texts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["{{ folder }}/smoke.yml"], Check("runbooks/smoke.yml", "tasks", "runbooks/smoke.yml", {})),
        ("{{ folder }}/smoke.yml", Check("runbooks/smoke.yml", "tasks", "runbooks/smoke.yml", {})),
        ([{"tasks": "a.yml", "attempts": "{{ patience }}"}], Check("a.yml", "tasks", "a.yml", {}, attempts=7)),
        ("{{ [] + more }}", Check("command", "command", None, {"cmd": "true"})),
        (
            "[{command: 'true', attempts: '{{ patience }}'}]",
            Check("command", "command", None, {"cmd": "true"}, attempts=7),
        ),
        # Ansible never runs these, and nothing here needs it to.
        ([Unsafe("{{ folder }}.yml")], Check("{{ folder }}.yml", "tasks", "{{ folder }}.yml", {})),
        (
            [{"command": Unsafe("docker inspect -f '{{.State.Status}}' shop")}],
            Check("command", "command", None, {"cmd": "docker inspect -f '{{.State.Status}}' shop"}),
        ),
    ],
)
def test_check_settings_outside_of_its_texts_are_filled_in_first(given: Any, expected: Check) -> None:
    assert Ansible().checks(given)[0] == expected


def test_variables_other_than_checks_are_filled_in_first() -> None:
    settings = Ansible(limit=3).settings(
        until="{{ folder }}",
        wait_timeout="{{ limit }}m",
        freeze_override=Unsafe("{{ 7 * 7 }}"),
        confirmed=["{{ folder }}"],
    )
    assert (settings.until, settings.wait_timeout, settings.confirmed) == ("runbooks", 180.0, ("runbooks",))
    assert settings.freeze_override == "{{ 7 * 7 }}"


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([{"http": {"url": Unsafe(LOOKUP)}}], "release_checks[0].http.url"),
        ([{"http": {"url": "u", "headers": {"X": Unsafe(LOOKUP)}}}], "release_checks[0].http.headers.X"),
        ([{"command": Unsafe(LOOKUP)}], "release_checks[0].command"),
        ([{"command": {"argv": ["a", Unsafe(LOOKUP)]}}], "release_checks[0].command.argv[1]"),
        (Unsafe(json.dumps([{"command": LOOKUP}])), "release_checks[0].command"),
        (Unsafe(json.dumps([{"http": {"url": LOOKUP}}])), "release_checks[0].http.url"),
        ([Unsafe(json.dumps({"command": LOOKUP}))], "release_checks[0].command"),
    ],
)
def test_check_texts_that_are_unsafe_are_refused(given: Any, place: str) -> None:
    ansible = Ansible()
    with pytest.raises(SettingsError) as refused:
        ansible.checks(given)
    assert str(refused.value).startswith(f"{place} has a template, but comes from where Ansible runs none")
    assert "lookup" not in str(refused.value)
    assert not ansible.templated


@pytest.mark.parametrize("given", [Unsafe(LOOKUP), [Unsafe(LOOKUP)], [{"tasks": "a", "name": Unsafe(LOOKUP)}]])
def test_check_that_is_unsafe_is_never_evaluated(given: Any) -> None:
    ansible = Ansible()
    ansible.checks(given)
    assert not ansible.templated


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{{ circle }}", "release_checks names a variable that names itself."),
        ("{{ nobody }}", "release_checks cannot be filled in: 'nobody' is undefined"),
        (
            [{"tasks": "{{ release_phase.phase }}.yml"}],
            "release_checks[0].tasks uses release_phase, which is known only while",
        ),
        ("{{ smoke + more }}", "release_checks[0].http.url uses release_phase, which is known only while"),
    ],
)
def test_check_templates_that_cannot_be_evaluated_are_refused(given: Any, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Ansible().checks(given)
    assert str(refused.value).startswith(said)


def filled(check: Any, **variables: Any) -> Check:
    ansible = Ansible(**variables)
    return fill_in(ansible.checks([check])[0], ansible.template)


def test_fill_in_gives_each_phase_its_own_texts() -> None:
    for environment in ("staging", "production"):
        check = filled({"http": {"url": URL}}, release_phase={"environments": [environment]})
        assert check == Check("http", "http", None, {"url": f"https://{environment}.example.com/health"})


@pytest.mark.parametrize(
    ("given", "variables", "arguments"),
    [
        ({"http": {"url": "u", "status": "{{ code }}"}}, {"code": "204"}, {"url": "u", "status": [204]}),
        ({"http": {"url": "u", "status": "{{ code }}"}}, {"code": [200, 204]}, {"url": "u", "status": [200, 204]}),
        ({"http": {"url": "u", "headers": "{{ all }}"}}, {"all": {"X": "1"}}, {"url": "u", "headers": {"X": "1"}}),
        ({"command": "{{ line }}"}, {}, {"cmd": "ls -l"}),
        ({"command": {"cmd": "a", "rc": "{{ code }}"}}, {"code": 2}, {"cmd": "a", "rc": 2}),
    ],
)
def test_fill_in_converts_what_was_a_text(given: Any, variables: dict[str, Any], arguments: dict[str, Any]) -> None:
    assert filled(given, **variables).arguments == arguments


@pytest.mark.parametrize(
    ("given", "variables", "said"),
    [
        ({"http": {"url": "{{ gone }}"}}, {}, "Check 'http': http.url cannot be filled in: 'gone' is undefined"),
        ({"http": {"url": "u", "status": "{{ code }}"}, "name": "shop"}, {"code": "ok"}, "Check 'shop': http.status"),
        ({"http": {"url": "{{ empty }}"}}, {"empty": ""}, "Check 'http': http"),
    ],
)
def test_fill_in_refuses_what_cannot_be_used(given: Any, variables: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        filled(given, **variables)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ release_phase }}", True),
        ("{% if a %}b{% endif %}", True),
        ("plain", False),
        ('up{job="shop"}', False),
        ("docker inspect -f '{{.State.Running}}'", False),
        ("docker inspect -f '{{ .State.Running }}'", False),
        ("{{ half", False),
    ],
)
def test_needs_template_is_what_jinja_can_parse(text: str, expected: bool) -> None:
    assert needs_template(text) is expected
