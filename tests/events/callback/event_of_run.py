# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down the event that a run was started for, once the run has ended."""

from __future__ import annotations

import os

from ansible.playbook.play import Play
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: event_of_run
type: notification
short_description: Writes down the events that runs were started for
description: One line with its ID for each.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "event_of_run"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_play_start(self, play: Play) -> None:
        self._event = play.get_variable_manager().extra_vars["ansible_eda"]["event"]

    def v2_playbook_on_stats(self, stats: object) -> None:  # noqa: ARG002  Ansible's own name
        with open(os.environ["EVENTS_OF_RUNS"], "a", encoding="utf-8") as file:
            file.write(f"{self._event['payload']['_id']}\n")
