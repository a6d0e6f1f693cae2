# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error answers as LaunchDarkly gives them: a status and ``{"code", "message", "id"}``."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http.client import responses
from typing import Any

# The codes of LaunchDarkly's specification, by status.
CODES = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "optimistic_locking_error",
    422: "patch_failed",
    429: "rate_limited",
    500: "internal_server_error",
    503: "service_unavailable",
}


def error_body(status: int, message: str = "", code: str = "") -> dict[str, str]:
    """Return the body of an error answer; the status gives the default for code and message."""
    return {
        "code": code or CODES.get(status, "error"),
        "message": message or responses.get(status, "Error"),
        "id": str(uuid.uuid4()),
    }


class ApiError(Exception):
    """The service refuses a request."""

    def __init__(self, status: int, message: str, code: str = "", fields: Mapping[str, object] | None = None) -> None:
        """Build the answer; the status gives the default for the code, ``fields`` are added to the body."""
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {**error_body(status, message, code), **(fields or {})}


def invalid_request(message: str) -> ApiError:
    """Return the error for a request that is invalid in itself."""
    return ApiError(400, message)


def not_found(message: str = "Invalid resource identifier") -> ApiError:
    """Return the error for something that does not exist."""
    return ApiError(404, message)
