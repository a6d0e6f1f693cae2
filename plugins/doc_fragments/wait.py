# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This documentation fragment is PRIVATE to the collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the phase is what O(wait_for) says.
      - A failure that can pass does not end a wait; what ends it at once is a paused phase, a canceled or missing release, and
        a status that this version does not know.
      - An unexpected answer, such as the HTML page of a proxy, ends a wait only when it persists for a minute.
      - Nothing is waited for in check mode.
      - A task that runs inside the controller's process reports on standard error what it waits for, whenever that changes and regularly as
        a sign of life. It is silent with C(no_log), as a module (C(become), C(async), other hosts), and when the variable
        C(launchdarkly_progress) is V(false).
    type: bool
    default: false
  wait_for:
    description:
      - What to wait for. V(active) is met by a completed phase too, and by an active one only when no approval of it is pending.
      - V(completed) is also met when a later phase is ready to start, active or completed, because LaunchDarkly grants that only after
        this phase is complete.
    type: str
    choices: [completed, active]
    default: completed
  wait_timeout:
    description:
      - The time to wait before the task fails with C(wait_timeout), in seconds or with a unit, such as V(90s), V(15m), V(2h) or V(1d). The
        rollout itself continues in LaunchDarkly.
      - When the task runs inside the controller's process it also ends soon after that process is gone. As an ordinary module it cannot see
        that, and this is its only bound.
    type: raw
    default: 3600
  wait_interval:
    description:
      - The longest pause between two reads of the release, in seconds or with a unit. Polling starts quicker and slows down to this.
      - Where many tasks wait for the same phase of a release pipeline (with the same token, as the same user on the same machine), one of
        them reads the list of the phase's releases for all at this interval. Then a release is read itself when the list shows a change,
        and at least every 60 seconds. A phase that requires an approval, and an interval below two seconds, are left out of this.
    type: raw
    default: 10
"""

    APPROVAL = r"""
options:
  on_approval:
    description:
      - What to do when the release waits for a person's approval. With O(wait=false) a pending approval is only reported.
      - A request that was declined or has failed makes the task fail at once with C(approval_declined), also with O(wait=false).
      - V(wait) waits until it was approved and applied.
      - V(return) ends the task at once with RV(ignore:approval_pending=true), so that an approval step elsewhere can take over; a later run
        goes on from there.
      - V(apply) applies the request once it was approved, which needs the right to (C(applyApprovalRequest)). The task then reports a change.
    type: str
    choices: [wait, return, apply]
    default: wait
    version_added: 0.2.0
  approval_timeout:
    description:
      - The time to wait for a person, in seconds or with a unit, such as V(2h) or V(3d). While an approval is pending this clock runs, and
        that of O(wait_timeout) stands still.
      - The task fails with C(approval_timeout) when it runs out.
    type: raw
    default: 86400
    version_added: 0.2.0
"""
