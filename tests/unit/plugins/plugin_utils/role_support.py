# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the role's logic share: releases as ld_release_info returns them."""

from __future__ import annotations

from typing import Any

NAMES = ("Test", "Staging", "Production", "Everywhere")
CREATED = "2026-10-26T06:00:00.000Z"
STARTED = "2026-10-26T07:00:00.000Z"
COMPLETED = "2026-10-26T07:00:02.000Z"

ENTERED = ("active", "paused", "completed")


def phase(name: str, status: str, **fields: Any) -> dict[str, Any]:
    """A phase whose times and booleans fit its status."""
    index = NAMES.index(name) if name in NAMES else 0
    return {
        "id": f"id-{name.lower()}",
        "name": name,
        "index": index,
        "status": status,
        "status_raw": status.replace("_", "-"),
        "started": status in ENTERED,
        "complete": status == "completed",
        "created_at": CREATED,
        "started_at": STARTED if status in ENTERED else None,
        "completed_at": COMPLETED if status == "completed" else None,
        "completed_by": None,
        "audiences": [audience(name)],
        **fields,
    }


def audience(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"audience-{name.lower()}",
        "name": name,
        "environment_key": name.lower(),
        "status": "ready_to_start",
        "status_raw": "ready-to-start",
        "strategy": "immediate-rollout",
        "require_approval": False,
        "segment_keys": None,
        "release_guardian_configuration": None,
        **fields,
    }


def guarded(name: str, window_milliseconds: int, **fields: Any) -> dict[str, Any]:
    guardian = {
        "monitoring_window_milliseconds": window_milliseconds,
        "rollout_weight": 50000,
        "rollback_on_regression": True,
        "randomization_unit": "user",
    }
    return audience(name, strategy="monitored-release", release_guardian_configuration=guardian, **fields)


def release(*phases: Any, **fields: Any) -> dict[str, Any]:
    """A release of these phases; one that is given as a word is Test, Staging, Production in turn, with that status."""
    documents = [item if isinstance(item, dict) else phase(name, item) for name, item in zip(NAMES, phases)]
    documents = [{**document, "index": index} for index, document in enumerate(documents)]
    return {
        "project_key": "shop",
        "flag_key": "cart",
        "pipeline_key": "standard",
        "pipeline_name": "Standard",
        "version": 1,
        "variation_id": None,
        "canceled_at": None,
        "complete": all(document["complete"] for document in documents),
        "phases": documents,
        **fields,
    }
