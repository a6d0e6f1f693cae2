# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Becomes nobody else: neither sudo nor a second user has to be on the machine."""

from __future__ import annotations

from ansible.plugins.become import BecomeBase

DOCUMENTATION = """
name: pretend
short_description: Changes nothing
description: Runs the command as it is.
options:
  become_user:
    description: Ignored.
    default: root
    vars:
      - name: ansible_become_user
  become_exe:
    description: Ignored.
    default: pretend
  become_flags:
    description: Ignored.
    default: ""
  become_pass:
    description: Ignored.
    vars:
      - name: ansible_become_pass
"""


class BecomeModule(BecomeBase):
    name = "pretend"

    def build_become_command(self, cmd: str, shell: object) -> str:
        super().build_become_command(cmd, shell)
        return cmd
