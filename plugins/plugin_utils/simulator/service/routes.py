# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of the service: path template, method, function."""

from __future__ import annotations

from ..account import operations as account
from ..approvals import operations as approvals
from ..audit import operations as audit
from ..environment_releases import operations as environment_releases
from ..environment_releases import plan_operations as plans
from ..environments import operations as environments
from ..http.call import Operation
from ..http.routes import Routes
from ..pipelines import operations as pipelines
from ..targeting import operations as targeting

_PIPELINES = "/api/v2/projects/{projectKey}/release-pipelines"

# The operations that LaunchDarkly documents as beta.
_RELEASES: dict[str, dict[str, Operation]] = {
    "/api/v2/flags/{projectKey}/{flagKey}/release": {
        "GET": pipelines.get_release,
        "PATCH": pipelines.patch_release,
        "DELETE": pipelines.delete_release,
    },
    "/api/v2/projects/{projectKey}/flags/{flagKey}/release": {"PUT": pipelines.create_release},
    "/api/v2/projects/{projectKey}/flags/{flagKey}/release/phases/{phaseId}": {"PUT": pipelines.update_phase_status},
    _PIPELINES: {"GET": pipelines.list_pipelines, "POST": pipelines.create_pipeline},
    f"{_PIPELINES}/{{pipelineKey}}": {
        "GET": pipelines.get_pipeline,
        "PUT": pipelines.replace_pipeline,
        "DELETE": pipelines.delete_pipeline,
    },
    f"{_PIPELINES}/{{pipelineKey}}/releases": {"GET": pipelines.list_progressions},
}

_ENVIRONMENT = "/api/v2/projects/{projectKey}/environments/{environmentKey}"
_ENVIRONMENT_RELEASES = "/api/v2/projects/{projectKey}/flags/{flagKey}/environments/{environmentKey}/releases"

# Documented as beta, too.
_BETA_OF_ENVIRONMENTS: dict[str, dict[str, Operation]] = {
    _ENVIRONMENT_RELEASES: {
        "GET": environment_releases.list_releases,
        "POST": environment_releases.start_release,
    },
    f"{_ENVIRONMENT_RELEASES}/{{releaseId}}": {"GET": environment_releases.get_release},
    f"{_ENVIRONMENT_RELEASES}/{{releaseId}}/stop": {"PUT": environment_releases.stop_release},
    f"{_ENVIRONMENT}/release-plans": {"GET": plans.list_plans},
    f"{_ENVIRONMENT}/release-plans/{{planKey}}": {"GET": plans.get_plan},
    "/api/v2/projects/{projectKey}/flag-release-plans": {"GET": plans.list_flag_plans},
    "/api/v2/projects/{projectKey}/flag-release-plans/{planKey}": {"GET": plans.get_flag_plan},
    f"{_ENVIRONMENT}/default-release-plan": {"GET": plans.get_default_plan},
}

_ENVIRONMENTS: dict[str, dict[str, Operation]] = {
    "/api/v2/projects/{projectKey}/environments": {"GET": environments.list_environments},
    _ENVIRONMENT: {"GET": environments.get_environment},
    "/api/v2/segments/{projectKey}/{environmentKey}": {"GET": environments.list_segments},
    "/api/v2/segments/{projectKey}/{environmentKey}/{segmentKey}": {"GET": environments.get_segment},
}

_ACCOUNT: dict[str, dict[str, Operation]] = {
    "/api/v2/caller-identity": {"GET": account.get_caller},
    "/api/v2/projects": {"GET": account.list_projects},
    "/api/v2/projects/{key}": {"GET": account.get_project},
    "/api/v2/projects/{projectKey}/flags/{flagKey}/environments/{environmentKey}/scheduled-changes": {
        "GET": account.list_scheduled_changes
    },
}

_FLAGS: dict[str, dict[str, Operation]] = {
    "/api/v2/flags/{projectKey}": {"GET": targeting.list_flags},
    "/api/v2/flags/{projectKey}/{flagKey}": {"GET": targeting.get_flag, "PATCH": targeting.patch_flag},
}

_REQUESTS = "/api/v2/projects/{projectKey}/flags/{flagKey}/environments/{environmentKey}/approval-requests"

_APPROVALS: dict[str, dict[str, Operation]] = {
    "/api/v2/approval-requests": {"GET": approvals.list_all},
    "/api/v2/approval-requests/{id}": {"GET": approvals.get_any},
    _REQUESTS: {"GET": approvals.list_requests, "POST": approvals.create_request},
    f"{_REQUESTS}/{{id}}": {
        "GET": approvals.get_request,
        "DELETE": approvals.delete_request,
    },
    f"{_REQUESTS}/{{id}}/reviews": {"POST": approvals.review_request},
    f"{_REQUESTS}/{{id}}/apply": {"POST": approvals.apply_request},
}

_AUDIT: dict[str, dict[str, Operation]] = {"/api/v2/auditlog": {"GET": audit.list_entries}}

BETA = frozenset((*_RELEASES, *_BETA_OF_ENVIRONMENTS))

SERVICE: Routes[Operation] = Routes(
    {**_RELEASES, **_BETA_OF_ENVIRONMENTS, **_ENVIRONMENTS, **_FLAGS, **_APPROVALS, **_AUDIT, **_ACCOUNT}
)
