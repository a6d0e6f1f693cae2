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
    "http_timeout": {"type": "raw", "default": 20},
    "max_retries": {"type": "int", "default": 6},
    "retry_timeout": {"type": "raw", "default": 120},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

TARGET: Spec = {
    # Keys of LaunchDarkly's are names, not secrets, which ansible-core would take them for.
    "project_key": {"type": "str", "required": True, "no_log": False},
    "flag_key": {"type": "str", "required": True, "no_log": False},
}

PROJECT: Spec = {"project_key": TARGET["project_key"]}

PIPELINE_FILTERS: Spec = {
    "release_pipeline_key": {"type": "str", "no_log": False},
    "query": {"type": "str"},
    "environment_key": {"type": "str", "no_log": False},
}

PROGRESSION_FILTERS: Spec = {
    "release_pipeline_key": {"type": "str", "required": True, "no_log": False},
    "status": {"type": "str", "choices": ["active", "completed"]},
    "phase": {"type": "str"},
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

ENVIRONMENT: Spec = {
    "environment_key": {"type": "str", "required": True, "no_log": False},
}

TARGETING: Spec = {
    **ENVIRONMENT,
    "enabled": {"type": "bool", "required": True},
    "comment": {"type": "str"},
}

APPROVAL_FILTERS: Spec = {
    **ENVIRONMENT,
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

ON_APPROVAL: Spec = {
    "on_approval": {"type": "str", "default": "wait", "choices": ["wait", "return", "apply"]},
    "approval_timeout": {"type": "raw", "default": 86400},
}

WAIT: Spec = {
    "wait": {"type": "bool", "default": False},
    "wait_for": {"type": "str", "default": "completed", "choices": ["completed", "active"]},
    "wait_timeout": {"type": "raw", "default": 3600},
    "wait_interval": {"type": "raw", "default": 10},
    **ON_APPROVAL,
}

ENVIRONMENT_RELEASE: Spec = {
    **ENVIRONMENT,
    "state": {"type": "str", "default": "released", "choices": ["released", "rolled_back", "rolled_forward"]},
    "variation": {"type": "raw"},
    "from_variation": {"type": "raw"},
    "strategy": {
        "type": "str",
        "default": "immediate",
        "choices": ["immediate", "percentage", "progressive", "guarded", "plan"],
    },
    "steps": {
        "type": "list",
        "elements": "dict",
        "options": {
            "percent": {"type": "float", "required": True},
            "duration": {"type": "raw", "required": True},
        },
    },
    "randomization_unit": {"type": "str"},
    "metrics": {
        "type": "list",
        "elements": "dict",
        "no_log": False,
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "auto_rollback": {"type": "bool", "default": False},
        },
    },
    "release_plan_key": {"type": "str", "no_log": False},
    "segments": {"type": "list", "elements": "str"},
    "cleanup_behavior": {
        "type": "str",
        "choices": ["remove_rules_and_update_default_rule", "leave_rules_in_place"],
    },
    "before_rule_id": {"type": "str"},
    "bypass_health_checks": {
        "type": "list",
        "elements": "str",
        "choices": [
            "flag_evaluations_any",
            "flag_evaluations_with_context",
            "metric_events_any",
            "metric_events_with_context",
        ],
    },
    "comment": {"type": "str"},
    "health_check_timeout": {"type": "raw", "default": 0},
    "request_approval": {"type": "bool", "default": False},
    **ON_APPROVAL,
    "notify_member_ids": {"type": "list", "elements": "str"},
    "notify_team_keys": {"type": "list", "elements": "str", "no_log": False},
    "retry_reverted": {"type": "bool", "default": False},
    "on_regression": {"type": "str", "default": "fail", "choices": ["fail", "roll_back", "wait"]},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "raw"},
    "wait_interval": {"type": "raw", "default": 10},
}

# For what is asked of an environment without being options of a task.
ENVIRONMENT_RELEASE_DEFAULTS = {name: option.get("default") for name, option in ENVIRONMENT_RELEASE.items()}

ENVIRONMENT_RELEASE_FILTERS: Spec = {
    **ENVIRONMENT,
    "kind": {"type": "str", "choices": ["progressive", "guarded"]},
    "status": {
        "type": "list",
        "elements": "str",
        "choices": ["active", "paused", "completed", "reverted", "unknown"],
    },
    "metrics": {"type": "bool", "default": False},
}

PREFLIGHT: Spec = {
    "environments": {"type": "list", "elements": "raw"},
    "release_pipeline_key": {"type": "str", "no_log": False},
    "variation": {"type": "raw"},
    "dry_run": {"type": "bool", "default": False},
    "record": {"type": "path"},
}


# Everything that module_defaults of the action group may hold: each module of the group takes what it knows.
GROUP_OPTIONS = frozenset().union(
    CONNECTION,
    TARGET,
    PIPELINE_FILTERS,
    PROGRESSION_FILTERS,
    PHASE,
    RELEASE,
    TARGETING,
    APPROVAL_FILTERS,
    AUDIENCES,
    WAIT,
    ENVIRONMENT_RELEASE,
    ENVIRONMENT_RELEASE_FILTERS,
    PREFLIGHT,
)


def merge(*groups: Spec) -> Spec:
    merged: Spec = {}
    for group in groups:
        merged.update(group)
    return merged


# The actions of the playbooks and of the role.
STATUS: Spec = {
    "as_data": {"type": "bool", "default": False},
    "with_copy": {"type": "bool", "default": False},
    "whole_project": {"type": "bool", "default": False},
}
RESTORE: Spec = {
    "report": {"type": "path", "required": True},
    "environments": {"type": "raw"},
    "comment": {"type": "str"},
}
LINES: Spec = {"lines": {"type": "list", "elements": "str", "required": True}}
RUN: Spec = {"closing": {"type": "dict"}}
SEQUENCE: Spec = {
    "state": {"type": "dict", "required": True},
    "task_file": {"type": "str", "choices": ["passed", "failed"]},
}
