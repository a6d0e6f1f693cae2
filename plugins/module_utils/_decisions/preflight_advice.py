# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""From a failed read, or a mistyped key, to advice. Pure."""

from __future__ import annotations

import difflib
import typing as t

from .._core.errors import ConnectionFailed
from .._core.text import excerpt
from .preflight_facts import Finding, FindingStatus

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .._core.errors import LaunchDarklyError

INSTANCES = (
    ("https://app.launchdarkly.com", "United States"),
    ("https://app.eu.launchdarkly.com", "European Union"),
    ("https://app.launchdarkly.us", "United States federal"),
)
CHECK_INSTANCE = f"Set api_host to the instance of the account: {', '.join(host for host, _name in INSTANCES)}."
APPROVAL_REMEDY = (
    "Request the approval in LaunchDarkly, set request_approval with strategy immediate, or use a token that has"
    " bypassRequiredApproval."
)


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """A question with the nearest keys, or nothing. Case does not matter."""
    by_folded = {key.casefold(): key for key in known}
    nearest = difflib.get_close_matches(wanted.casefold(), list(by_folded), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(by_folded[key]) for key in nearest)}?" if nearest else ""


def refused(
    check: str,
    error: LaunchDarklyError,
    what: str,
    right: str,
    *,
    environment_key: str | None = None,
    status: FindingStatus = FindingStatus.PROBLEM,
) -> Finding:
    """A read that failed. `what` follows "may not", `right` follows "Give the token's role"."""
    message, remedy = _explain(error, what, right)
    return Finding(check, status, message, remedy, environment_key)


def _explain(error: LaunchDarklyError, what: str, right: str) -> tuple[str, str]:
    code = error.status
    if code == 401:
        return f"LaunchDarkly does not accept the token (401) for the request to {what}.", CHECK_INSTANCE
    if code == 403:
        return f"The token may not {what} (403).", f"Give the token's role {right}, or use another token."
    if code == 404:
        return (
            f"LaunchDarkly answers the request to {what} with not found (404).",
            f"Check the keys and api_host, and that the token's role has {right}.",
        )
    if code == 405:
        approval = error.code == "approval_required"
        return (
            f"LaunchDarkly does not allow to {what} (405){': an approval is required' if approval else ''}.",
            APPROVAL_REMEDY if approval else "Check that api_host is LaunchDarkly, and that no proxy filters methods.",
        )
    if code == 429:
        return (
            f"LaunchDarkly limits the rate of requests (429), so that it is not known whether the token may {what}.",
            "Run fewer tasks at once, or run the doctor again later.",
        )
    if code is not None and code >= 500:
        return f"LaunchDarkly fails ({code}).", "Look at LaunchDarkly's status page, and run the doctor again later."
    if isinstance(error, ConnectionFailed):
        return excerpt(error.message, 300), "Check the network, the proxy and api_host."
    return split(error.message)


def split(message: str) -> tuple[str, str]:
    """The messages of the collection say the fact first, and then what to do."""
    fact, dot, remedy = message.partition(". ")
    return (f"{fact}.", remedy) if dot else (message, "")
