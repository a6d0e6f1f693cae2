# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The default state."""

from __future__ import annotations

from ..core.documents import JsonObject

_IMMEDIATE = {"releaseStrategy": "immediate-rollout", "requireApproval": False}


def seed() -> JsonObject:
    """Return project ``demo``: four flags, a pipeline of three immediate phases, and a release that is not started."""
    environments = {"test": "Test", "staging": "Staging", "production": "Production"}
    beta = {"beta": {"name": "Beta customers"}}
    phases = [
        {"name": name, "audiences": [{"environmentKey": key, "name": name, "configuration": dict(_IMMEDIATE)}]}
        for key, name in environments.items()
    ]
    return {
        "projects": {
            "demo": {
                "environments": {key: {"name": name, "segments": beta} for key, name in environments.items()},
                "flags": {
                    "new-checkout": {},
                    "dark-mode": {},
                    "new-search": {},
                    "banner-text": {"variations": [{"value": "Welcome"}, {"value": "Sale"}]},
                },
                "pipelines": {
                    "standard": {
                        "name": "Standard",
                        "description": "Test, then staging, then production",
                        "phases": phases,
                    },
                },
                "releases": {"new-checkout": {"releasePipelineKey": "standard"}},
            }
        }
    }
