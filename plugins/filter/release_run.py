# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_run
short_description: What the role release computes between its tasks
version_added: 0.1.0
description:
  - Private to the role P(flagops.launchdarkly.release#role); it may change in any release.
positional: _input, operation
options:
  _input:
    description: What the operation works on.
    type: raw
    required: true
  operation:
    description: What to compute.
    type: str
    choices: [begin, update, public, tell, sum, soak_left, soak_pause, measure, verdict]
    required: true
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the role.
"""

RETURN = r"""
_value:
  description: What the operation computes.
  type: raw
"""

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils import _run, _verdict

OPERATIONS: dict[str, t.Callable[..., t.Any]] = {
    "begin": _run.begin,
    "update": _run.update,
    "public": _run.public,
    "tell": _run.tell,
    "sum": _run.sum_up,
    "soak_left": _run.soak_left,
    "soak_pause": _run.soak_pause,
    "measure": _verdict.measure,
    "verdict": _verdict.verdict,
}


def release_run(value: t.Any, operation: str, *arguments: t.Any, **named: t.Any) -> t.Any:
    return OPERATIONS[operation](value, *arguments, **named)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_run": release_run}
