# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks of a start: has LaunchDarkly seen the contexts that the release needs? Pure functions.

Documented: the four kinds, and what each of them looks at. A kind that is in ``failingHealthChecks`` of the environment
fails whatever was seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..core.documents import JsonObject
from ..core.errors import invalid_request

FLAG_ANY, FLAG_CONTEXT = "flag_evaluations_any", "flag_evaluations_with_context"
METRIC_ANY, METRIC_CONTEXT = "metric_events_any", "metric_events_with_context"
KINDS = (FLAG_ANY, FLAG_CONTEXT, METRIC_ANY, METRIC_CONTEXT)


def metric_of(project: JsonObject, key: str) -> JsonObject:
    """Return a metric. A project that lists no metrics has every metric, with events of users."""
    if project["metrics"] and key not in project["metrics"]:
        # Assumption: an unknown metric is refused with 400.
        raise invalid_request(f"Unknown metric: {key!r}.")
    metric: JsonObject = project["metrics"].get(key, {"contextKinds": ["user"]})
    return metric


def failures(
    project: JsonObject, flag: JsonObject, environment_key: str, unit: str, metric_keys: list[str]
) -> list[JsonObject]:
    """Return the failing checks, in the form of the API's ``failingChecks``."""
    forced = set(project["environments"][environment_key]["failingHealthChecks"])
    found = list(_of_flag(flag["environments"][environment_key]["contextKinds"], unit, forced))
    for key in metric_keys:
        found += _of_metric(key, metric_of(project, key)["contextKinds"], unit, forced)
    return found


def _of_flag(kinds: list[str], unit: str, forced: set[str]) -> Iterator[JsonObject]:
    if not kinds or FLAG_ANY in forced:
        yield {"kind": FLAG_ANY, "message": "The flag has not been evaluated recently."}
    if unit not in kinds or FLAG_CONTEXT in forced:
        yield {"kind": FLAG_CONTEXT, "message": f"The flag has not been evaluated recently for {unit} contexts."}


def _of_metric(key: str, kinds: list[str], unit: str, forced: set[str]) -> Iterator[JsonObject]:
    if not kinds or METRIC_ANY in forced:
        yield {"kind": METRIC_ANY, "metricKey": key, "message": f"The metric {key} has not received events."}
    if unit not in kinds or METRIC_CONTEXT in forced:
        message = f"The metric {key} has not received events for {unit} contexts."
        yield {"kind": METRIC_CONTEXT, "metricKey": key, "message": message}
