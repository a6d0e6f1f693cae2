# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The options, one group each; the documentation fragments of the same names describe them."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import env_fallback

Spec = dict[str, dict[str, t.Any]]

TOKEN_VARIABLES = ("LAUNCHDARKLY_ACCESS_TOKEN", "LD_ACCESS_TOKEN")
HOST_VARIABLES = ("LAUNCHDARKLY_API_HOST",)

CONNECTION: Spec = {
    "access_token": {
        "type": "str",
        "required": True,
        "no_log": True,
        "fallback": (env_fallback, list(TOKEN_VARIABLES)),
    },
    "api_host": {
        "type": "str",
        "default": "https://app.launchdarkly.com",
        "fallback": (env_fallback, list(HOST_VARIABLES)),
    },
    "http_timeout": {"type": "float", "default": 20.0},
    "max_retries": {"type": "int", "default": 6},
    "retry_timeout": {"type": "float", "default": 120.0},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

TARGET: Spec = {
    # Keys of LaunchDarkly's are names, not secrets, which ansible-core would take them for.
    "project_key": {"type": "str", "required": True, "no_log": False},
    "flag_key": {"type": "str", "required": True, "no_log": False},
}

PHASE: Spec = {
    "phase": {"type": "str", "required": True},
    "status": {
        "type": "str",
        "default": "active",
        "choices": ["active", "not_started", "ready_to_start", "paused", "completed"],
    },
    "strict": {"type": "bool", "default": False},
}

RELEASE: Spec = {
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "release_pipeline_key": {"type": "str", "no_log": False},
    "variation": {"type": "str"},
    "replace": {"type": "bool", "default": False},
}

TARGETING: Spec = {
    "environment_key": {"type": "str", "required": True, "no_log": False},
    "enabled": {"type": "bool", "required": True},
    "comment": {"type": "str"},
}

APPROVAL_FILTERS: Spec = {
    "environment_key": {"type": "str", "required": True, "no_log": False},
    "review_status": {"type": "list", "elements": "str", "choices": ["approved", "declined", "pending"]},
    "status": {"type": "list", "elements": "str", "choices": ["pending", "completed", "failed", "scheduled"]},
}

AUDIENCES: Spec = {
    "audiences": {
        "type": "list",
        "elements": "dict",
        "options": {
            "audience": {"type": "str", "required": True},
            "release_guardian_configuration": {
                "type": "dict",
                "options": {
                    "monitoring_window_milliseconds": {"type": "int"},
                    "rollout_weight": {"type": "int"},
                    "rollback_on_regression": {"type": "bool"},
                    "randomization_unit": {"type": "str"},
                },
            },
            "notify_member_ids": {"type": "list", "elements": "str"},
            "notify_team_keys": {"type": "list", "elements": "str", "no_log": False},
        },
    },
}

WAIT: Spec = {
    "wait": {"type": "bool", "default": False},
    "wait_for": {"type": "str", "default": "completed", "choices": ["completed", "active"]},
    "wait_timeout": {"type": "float", "default": 3600.0},
    "wait_interval": {"type": "float", "default": 10.0},
    "on_approval": {"type": "str", "default": "wait", "choices": ["wait", "return", "apply"]},
    "approval_timeout": {"type": "float", "default": 86400.0},
}


def merge(*groups: Spec) -> Spec:
    merged: Spec = {}
    for group in groups:
        merged.update(group)
    return merged
