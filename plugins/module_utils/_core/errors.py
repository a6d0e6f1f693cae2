# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Every failure that a task can report, as one tree.

LaunchDarklyError          kind       error_code
  OptionError              option     invalid_option, insecure_api_host, missing_library
  ReleaseError             release    phase_not_found, phase_not_ready, unknown_status, wait_timeout, ...
  ConnectionFailed         connection connection_failed, tls_failed
  ApiError                 api        LaunchDarkly's own code, else rate_limited, server_error, http_error
  InvalidResponse          api        invalid_response
"""

from __future__ import annotations

import typing as t

from .text import plain


class LaunchDarklyError(Exception):
    """A failure with a sentence for people (`message`) and a word for programs (`code`)."""

    kind = "launchdarkly"
    default_code = "internal_error"

    # Facts about one HTTP exchange; the defaults stand for a failure that has none.
    status: int | None = None
    method: str | None = None
    path: str | None = None
    request_id: str | None = None
    # May the same request be sent again? May the service have acted on it although no usable answer came?
    repeatable = False
    answer_lost = False
    # May the service have refused because somebody else did the same a moment before?
    outrun = False
    # Seconds that the service asked to wait, if it did.
    retry_after: float | None = None

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code

    def to_result(self) -> dict[str, t.Any]:
        """The result keys that every failed task carries. Names in the message are LaunchDarkly's, and end up on terminals."""
        message = plain(self.message)
        return {
            "failed": True,
            "msg": message,
            "error_code": self.code,
            "http_status": self.status,
            "error": {
                "kind": self.kind,
                "code": self.code,
                "message": message,
                "status": self.status,
                "method": self.method,
                "path": self.path,
                "request_id": self.request_id,
            },
        }


class OptionError(LaunchDarklyError):
    """The task's own options cannot be used; nothing was sent."""

    kind = "option"
    default_code = "invalid_option"


class ReleaseError(LaunchDarklyError):
    """The release is not in a state in which the task can or may do what it was asked to do."""

    kind = "release"


class ExchangeError(LaunchDarklyError):
    """One HTTP exchange failed."""

    def __init__(
        self,
        message: str,
        code: str | None = None,
        *,
        method: str,
        path: str,
        status: int | None = None,
        request_id: str | None = None,
        repeatable: bool = False,
        answer_lost: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code)
        self.method = method
        self.path = path
        self.status = status
        self.request_id = request_id
        self.repeatable = repeatable
        self.answer_lost = answer_lost
        self.retry_after = retry_after


class ConnectionFailed(ExchangeError):
    """No HTTP answer came."""

    kind = "connection"
    default_code = "connection_failed"


class ApiError(ExchangeError):
    """LaunchDarkly, or something in front of it, answered with an error status.

    `detail` is what it said in its own words, without our advice.
    """

    kind = "api"
    default_code = "http_error"
    detail = ""


class InvalidResponse(ExchangeError):
    """A success status came with a body that is not what this API is known to answer."""

    kind = "api"
    default_code = "invalid_response"
