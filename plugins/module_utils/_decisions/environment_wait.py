# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""When to look again at a release in an environment, and how long to wait at all. Pure; times are seconds."""

from __future__ import annotations

import typing as t

from .._model.desired_environment import GRACE
from .._model.release import Status
from .progress import clock_time

if t.TYPE_CHECKING:
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease

# A release without metrics changes by itself at the end of a step only; more often than this is for guarded ones.
SLOWEST_INTERVAL = 60.0
# After the end of a step, until LaunchDarkly shows the next one.
FIRST_OVERDUE_PAUSE = 1.0


def release_pause(release: EnvironmentRelease, desired: DesiredEnvironmentRelease, now: float) -> float:
    """The time until the next look: the end of the step, or sooner, so that a rollback is noticed."""
    interval = desired.waiting.interval
    longest = interval if release.kind == "guarded" else max(interval, SLOWEST_INTERVAL)
    if release.status is Status.PAUSED:
        return longest
    if release.next_step_at is None:
        return interval
    left = release.next_step_at / 1000 - now
    # The longer it is overdue, the less often it is asked for.
    return min(longest, left) if left > 0 else min(longest, interval, max(FIRST_OVERDUE_PAUSE, -left))


def hold_pause(until: float, desired: DesiredEnvironmentRelease, now: float) -> float:
    """The time until the next look at a share that is held."""
    return max(0.0, min(until - now, max(desired.waiting.interval, SLOWEST_INTERVAL)))


def timeout(desired: DesiredEnvironmentRelease, release: EnvironmentRelease | None, now: float) -> float:
    """How long the steps may take: as asked for, else the length of the steps and an hour."""
    if desired.waiting.timeout is not None:
        return desired.waiting.timeout
    shown = release.ends_at / 1000 - now if release and release.ends_at is not None else 0.0
    return max(desired.window, shown) + GRACE


def describe_release(release: EnvironmentRelease) -> str:
    """Where it stands, for the person who watches."""
    parts = [f"{release.percent:g} % ({release.status_raw})"]
    if release.status is Status.PAUSED and release.reason:
        parts.append(release.explain())
    if release.next_step_at is not None:
        parts.append(f"step ends {clock_time(release.next_step_at)}")
    if release.ends_at is not None and release.ends_at != release.next_step_at:
        parts.append(f"done {clock_time(release.ends_at)}")
    return ", ".join(parts)
