# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Who was asked to approve which phase of a release, whichever run started it. Pure; the rules are the modules' own."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import approval as approval_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    Phase,
    approval_from_result,
    release_from_result,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Results = t.Iterable[t.Mapping[str, t.Any]]


def environments(release: Mapping[str, t.Any]) -> list[str]:
    """The environments in which a phase that was started needed an approval."""
    return list(dict.fromkeys(key for phase in _started(release) for key in approval_rules.environments_of(phase)))


def by_phase(release: Mapping[str, t.Any], listed: Results) -> dict[str, list[t.Any]]:
    """The requests of each phase, by its ID; `listed` are those of the flag, as ld_approval_request_info returns them."""
    return {
        phase.id: [request.to_result() for request in approval.requests]
        for phase, approval in _approvals(release, listed)
    }


def awaited(release: Mapping[str, t.Any], listed: Results) -> list[str]:
    """A line for each phase that waits for a person."""
    return [
        plain(f"{phase.name} waits for a person: {approval_rules.describe(approval.requests)}")
        for phase, approval in _approvals(release, listed)
        if approval.waits and not phase.is_completed
    ]


def _approvals(release: Mapping[str, t.Any], listed: Results) -> Iterator[tuple[Phase, approval_rules.PhaseApproval]]:
    requests = [approval_from_result(item) for item in listed]
    for phase in _started(release):
        needed = approval_rules.environments_of(phase)
        yield phase, approval_rules.approval_of(phase, [item for item in requests if item.environment_key in needed])


def _started(release: Mapping[str, t.Any]) -> Iterable[Phase]:
    return [phase for phase in release_from_result(release).phases if phase.started] if release else []
