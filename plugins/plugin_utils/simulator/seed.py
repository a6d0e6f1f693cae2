# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that the simulator starts with when none is given."""

from __future__ import annotations

from .documents import JsonObject

_IMMEDIATE = {"releaseStrategy": "immediate-rollout", "requireApproval": False}


def seed() -> JsonObject:
    """Return project ``demo``: three flags, one pipeline of three immediate phases, and one flag's fresh release."""
    environments = {"test": "Test", "staging": "Staging", "production": "Production"}
    phases = [
        {"name": name, "audiences": [{"environmentKey": key, "name": name, "configuration": dict(_IMMEDIATE)}]}
        for key, name in environments.items()
    ]
    return {
        "projects": {
            "demo": {
                "environments": {key: {"name": name} for key, name in environments.items()},
                "flags": {
                    "new-checkout": {},
                    "dark-mode": {},
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
