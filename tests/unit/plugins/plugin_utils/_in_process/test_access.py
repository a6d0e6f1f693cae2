# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the role reaches LaunchDarkly: whose token and host count, and what becomes of a token that changes."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.access import HOST, TOKEN, Access
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

FIRST, SECOND, GROUP = "api-first-4711", "api-second-4712", "api-group-4713"
PROBLEM = SettingsError(f"{TOKEN} cannot be filled in: the vault is sealed.")


class Variables:
    """The variables of a role; the token gives one value after the other, and then stays at the last."""

    def __init__(self, *tokens: str | Exception, host: str = "", rehearsal: dict[str, Any] | None = None) -> None:
        self.raw = {**({TOKEN: "{{ lookup }}"} if tokens else {}), **({HOST: host} if host else {})}
        self._tokens = list(tokens)
        self._rehearsal = rehearsal or {}

    def rehearsal(self) -> dict[str, Any]:
        return self._rehearsal

    def text(self, name: str) -> str:
        return str(self.raw.get(name, ""))

    def secret(self, name: str) -> str:
        assert name == TOKEN
        given = self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]
        if isinstance(given, Exception):
            raise given
        return given


def access(variables: Variables, **group: Any) -> Access:
    given: Any = variables
    return Access(group, given)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LAUNCHDARKLY_ACCESS_TOKEN", "LD_ACCESS_TOKEN", "LAUNCHDARKLY_API_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "options", "host"),
    [
        (Variables(), {}, "https://app.launchdarkly.com"),
        (Variables(FIRST), {"access_token": FIRST}, "https://app.launchdarkly.com"),
        (Variables(""), {}, "https://app.launchdarkly.com"),
        (
            Variables(FIRST, host="https://eu.example.com"),
            {"access_token": FIRST, "api_host": "https://eu.example.com"},
            "https://eu.example.com",
        ),
        (
            Variables(FIRST, host="https://eu.example.com", rehearsal={"api_host": "http://127.0.0.1:1"}),
            {},
            "https://app.launchdarkly.com",
        ),
    ],
)
def test_access_comes_from_the_role_except_in_a_rehearsal(
    variables: Variables, options: dict[str, Any], host: str
) -> None:
    found = access(variables)
    assert found.options() == options
    assert found.api_host() == host


def test_access_of_the_role_beats_the_defaults_of_the_group() -> None:
    found = access(Variables(host="https://eu.example.com"), api_host="https://us.example.com")
    assert found.api_host() == "https://eu.example.com"


def test_token_is_read_each_time_and_each_is_hidden() -> None:
    found = access(Variables(FIRST, FIRST, SECOND), access_token=GROUP)
    assert [found.token(), found.token()] == [FIRST, SECOND]
    shown = found.hide({"a": f"x {FIRST} {SECOND}", "b": [f"{GROUP} y"]})
    assert shown == {"a": "x ******** ********", "b": ["******** y"]}


def test_token_that_cannot_be_read_again_stays_with_a_warning() -> None:
    found = access(Variables(FIRST, PROBLEM))
    assert [found.token(), found.token()] == [FIRST, FIRST]
    assert found.warnings == [f"{PROBLEM} The token that was read before is used."]


def test_token_that_was_never_read_fails_where_it_is_needed() -> None:
    found = access(Variables(PROBLEM), access_token=GROUP)
    with pytest.raises(SettingsError, match="the vault is sealed"):
        found.options()


def test_token_that_becomes_empty_stays() -> None:
    found = access(Variables(FIRST, ""))
    assert (found.token(), found.token()) == (FIRST, FIRST)
