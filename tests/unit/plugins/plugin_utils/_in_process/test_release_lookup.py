# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup of releases: its terms, and what it returns. tests/playbook/test_lookup.py has Ansible read its options."""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_lookup import ReleaseLookup
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


class Lookup(ReleaseLookup):
    """Its options as given, since Ansible finds the documented defaults of an installed plugin only."""

    def __init__(self, **given: Any) -> None:
        super().__init__()
        self.given = given

    def set_options(self, *_unused: Any, direct: Any = None, **_named: Any) -> None:
        self.given.update(direct)

    def get_option(self, option: str, *_unused: Any, **_named: Any) -> Any:
        return self.given.get(option)


def look(*terms: Any, **given: Any) -> list[Any]:
    with Simulator() as simulator:
        connection = {"api_host": simulator.url, "access_token": simulator.access_token, "max_retries": 0}
        return Lookup(**connection).run(list(terms), {}, **given)


def test_lookup_returns_a_release_for_each_term() -> None:
    found = look("demo/new-checkout", " dark-mode ", project_key="demo")
    assert [item and item["flag_key"] for item in found] == ["new-checkout", None]
    assert [phase["status"] for phase in found[0]["phases"]] == ["ready_to_start", "not_started", "not_started"]


def test_lookup_without_terms_returns_nothing() -> None:
    assert look() == []


def test_lookup_term_with_a_project_wins() -> None:
    assert look("demo/new-checkout", project_key="moon")[0]["project_key"] == "demo"


@pytest.mark.parametrize(
    ("term", "given", "said"),
    [
        ("cart", {}, "needs the project of flag 'cart': set project_key, or write PROJECT/cart"),
        ("", {"project_key": "demo"}, "flag_key"),
        ("demo/a/b", {"access_token": ""}, "There is no access token"),
        ("demo/new-checkout", {"access_token": "api-wrong"}, "Could not read the release of demo/new-checkout"),
    ],
)
def test_lookup_fails_with_a_reason(term: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(AnsibleLookupError, match=said) as info:
        look(term, **given)
    assert "api-wrong" not in str(info.value)
