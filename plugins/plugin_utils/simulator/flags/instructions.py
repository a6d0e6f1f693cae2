# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instructions of a semantic patch, and what they do to a flag. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.documents import JsonObject, is_kind
from ..core.errors import ApiError, invalid_request

# The supported instructions, and their action in LaunchDarkly's roles: the observed refusal of turnFlagOn names
# `updateOn`, and the documentation gives turnFlagOff the same action.
_TURNS = {"turnFlagOn": True, "turnFlagOff": False}
SWITCH = "updateOn"


def checked_instructions(given: Any) -> list[JsonObject]:
    """Return the instructions of a semantic patch; refuse those that the simulator does not support."""
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) for item in given):
        raise invalid_request("instructions must be a list of objects, and not be empty.")
    for item in given:
        if not is_kind(item.get("kind"), str) or item["kind"] not in _TURNS:
            # The 400 is an assumption; LaunchDarkly supports many kinds more.
            raise invalid_request(
                f"Unknown instruction kind {item.get('kind')!r}: the simulator supports only {' and '.join(_TURNS)}."
            )
    return given


def check_environment(flag: JsonObject, key: Any) -> str:
    """Return the environment key of a semantic patch."""
    if not is_kind(key, str) or key not in flag["environments"]:
        # Documented: required for these instructions. The 400 for an unknown one is an assumption.
        raise invalid_request(f"environmentKey must be the key of an environment, not {key!r}.")
    return str(key)


def check_approval(flag: JsonObject, environment_key: str) -> None:
    """Refuse a direct change where approvals are required; status and text are observed."""
    if flag["environments"][environment_key]["requireApproval"]:
        raise ApiError(405, f"Flag configuration updates require approval: action '{SWITCH}' not allowed")


def patched(flag: JsonObject, environment_key: str, instructions: Sequence[JsonObject], now: int) -> JsonObject:
    """Return the flag after the supported instructions; the same object if they change nothing."""
    after = flag
    for item in instructions:
        kind = item.get("kind")
        if isinstance(kind, str) and kind in _TURNS:
            after = switched(after, environment_key, _TURNS[kind], now)
    return after


def switched(flag: JsonObject, environment_key: str, enabled: bool, now: int) -> JsonObject:
    """Return the flag with its targeting on or off in an environment; the same object if it is so already."""
    kept = flag["environments"].get(environment_key)
    if kept is None or kept["on"] is enabled:
        return flag
    changed = {**kept, "on": enabled, "version": kept["version"] + 1, "lastModified": now}
    environments = {**flag["environments"], environment_key: changed}
    return {**flag, "_version": flag["_version"] + 1, "environments": environments}
