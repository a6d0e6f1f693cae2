# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_query
short_description: What the playbooks of the collection ask about a release or a run
version_added: 0.9.0
description:
  - Private to the playbooks of the collection. It may change in any release; do not use it in your own.
positional: _input, question
options:
  _input:
    description: A release, an entry of C(release_result), or text, depending on O(question).
    type: raw
    required: true
  question:
    description:
      - With V(names), the names in a text or list.
      - With V(entered), the environments that a release has entered.
      - With V(summary), what a run has done, one line a phase.
      - With V(outcome), how a run has ended, in one line.
      - With V(on), the environments in which a flag is on, as M(flagops.launchdarkly.release_status) reads it.
    type: str
    choices: [names, entered, summary, outcome, "on"]
    required: true
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the playbooks.
"""

RETURN = r"""
_value:
  description: The answer.
  type: raw
"""

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import messages, undo
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import read_names
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.targeting import environments_that_are_on

QUESTIONS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "names": lambda value: read_names("release_abort_environments", value),
    "entered": undo.entered,
    "summary": messages.summary,
    "outcome": messages.in_one_line,
    "on": environments_that_are_on,
}


def release_query(value: t.Any, question: str) -> t.Any:
    return QUESTIONS[question](value)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_query": release_query}
