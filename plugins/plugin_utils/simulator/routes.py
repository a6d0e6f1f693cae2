# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request is which operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Generic, TypeVar
from urllib.parse import unquote

from . import approval_operations, flag_operations, operations
from .calls import Operation
from .errors import ApiError, not_found

Handler = TypeVar("Handler")


class Routes(Generic[Handler]):
    """A table of path templates, each with its methods."""

    def __init__(self, table: Mapping[str, Mapping[str, Handler]]) -> None:
        """Take the table as ``{"/path/{name}": {"GET": handler}}``."""
        self._routes = [(re.compile(_pattern(template)), template, methods) for template, methods in table.items()]

    def find(self, method: str, path: str) -> tuple[str, Handler, dict[str, str]]:
        """Return the template, the handler and the decoded path parts of a request."""
        for pattern, template, methods in self._routes:
            match = pattern.match(path)
            if match is None:
                continue
            if method not in methods:
                raise ApiError(405, "Method not allowed.")
            # Decoded after the path was split, so an encoded slash stays inside its part.
            return template, methods[method], {name: unquote(value) for name, value in match.groupdict().items()}
        raise not_found()


def _pattern(template: str) -> str:
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"\Z"


_PIPELINES = "/api/v2/projects/{projectKey}/release-pipelines"

# The operations that LaunchDarkly documents as beta.
_RELEASES: dict[str, dict[str, Operation]] = {
    "/api/v2/flags/{projectKey}/{flagKey}/release": {
        "GET": operations.get_release,
        "PATCH": operations.patch_release,
        "DELETE": operations.delete_release,
    },
    "/api/v2/projects/{projectKey}/flags/{flagKey}/release": {"PUT": operations.create_release},
    "/api/v2/projects/{projectKey}/flags/{flagKey}/release/phases/{phaseId}": {"PUT": operations.update_phase_status},
    _PIPELINES: {"GET": operations.list_pipelines, "POST": operations.create_pipeline},
    f"{_PIPELINES}/{{pipelineKey}}": {
        "GET": operations.get_pipeline,
        "PUT": operations.replace_pipeline,
        "DELETE": operations.delete_pipeline,
    },
    f"{_PIPELINES}/{{pipelineKey}}/releases": {"GET": operations.list_progressions},
}

_FLAGS: dict[str, dict[str, Operation]] = {
    "/api/v2/flags/{projectKey}/{flagKey}": {"GET": flag_operations.get_flag, "PATCH": flag_operations.patch_flag},
}

_REQUESTS = "/api/v2/projects/{projectKey}/flags/{flagKey}/environments/{environmentKey}/approval-requests"

_APPROVALS: dict[str, dict[str, Operation]] = {
    "/api/v2/approval-requests": {"GET": approval_operations.list_all},
    "/api/v2/approval-requests/{id}": {"GET": approval_operations.get_any},
    _REQUESTS: {"GET": approval_operations.list_requests, "POST": approval_operations.create_request},
    f"{_REQUESTS}/{{id}}": {
        "GET": approval_operations.get_request,
        "DELETE": approval_operations.delete_request,
    },
    f"{_REQUESTS}/{{id}}/reviews": {"POST": approval_operations.review_request},
    f"{_REQUESTS}/{{id}}/apply": {"POST": approval_operations.apply_request},
}

BETA = frozenset(_RELEASES)

SERVICE: Routes[Operation] = Routes({**_RELEASES, **_FLAGS, **_APPROVALS})
