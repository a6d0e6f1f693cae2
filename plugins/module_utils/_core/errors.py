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

if t.TYPE_CHECKING:
    from collections.abc import Mapping

E = t.TypeVar("E", bound="LaunchDarklyError")


class LaunchDarklyError(Exception):
    """A failure with a sentence for people (`message`) and a word for programs (`code`). It is not edited once it is raised."""

    kind = "launchdarkly"
    default_code = "internal_error"

    # Facts about one HTTP exchange; the defaults stand for a failure that has none.
    status: int | None = None
    method: str | None = None
    path: str | None = None
    request_id: str | None = None

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code

    def with_message(self: E, message: str) -> E:
        """The same failure in other words."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.message = message
        other.args = (message,)
        return other

    def with_note(self: E, note: str) -> E:
        """The same failure with another sentence at its end."""
        return self.with_message(f"{self.message} {note}")

    def with_code(self: E, code: str, note: str) -> E:
        """The same failure under a code of ours, with another sentence at its end."""
        renamed = self.with_note(note)
        renamed.code = code
        return renamed

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
    """One HTTP exchange failed.

    repeatable       the same request may succeed when it is sent again soon
    outcome_unknown  the service may have acted on it, although no usable answer came
    unexpected       LaunchDarkly is not known to answer like this: something in between may have, once
    documented       LaunchDarkly's own refusal, with a code
    conflict         a refusal that also comes when somebody else did the same a moment before
    retry_after      the seconds that the service asked to wait
    details          what the service said besides, as data
    """

    def __init__(
        self,
        message: str,
        code: str | None = None,
        *,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        repeatable: bool = False,
        outcome_unknown: bool = False,
        unexpected: bool = False,
        documented: bool = False,
        conflict: bool = False,
        retry_after: float | None = None,
        details: Mapping[str, t.Any] | None = None,
    ) -> None:
        super().__init__(message, code)
        self.method = method
        self.path = path
        self.status = status
        self.request_id = request_id
        self.repeatable = repeatable
        self.outcome_unknown = outcome_unknown
        self.unexpected = unexpected
        self.documented = documented
        self.conflict = conflict
        self.retry_after = retry_after
        self.details = details or {}

    @property
    def is_refusal(self) -> bool:
        """A redirect or a 4xx, apart from 401 and 429, which are certain to have had no effect."""
        return self.status is not None and 300 <= self.status < 500 and self.status not in (401, 429)


class ConnectionFailed(ExchangeError):
    """No usable HTTP answer came."""

    kind = "connection"
    default_code = "connection_failed"


class ApiError(ExchangeError):
    """LaunchDarkly, or something in front of it, answered with an error status."""

    kind = "api"
    default_code = "http_error"


class InvalidResponse(ExchangeError):
    """The answer is not one that this API is known to give."""

    kind = "api"
    default_code = "invalid_response"
