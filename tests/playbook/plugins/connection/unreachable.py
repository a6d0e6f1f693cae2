# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that nobody gets to."""

from __future__ import annotations

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: unreachable
short_description: Not reachable
description: Never connects.
"""


class Connection(Local):
    transport = "unreachable"

    def _connect(self) -> Connection:
        raise AnsibleConnectionFailure("nobody gets there")
