# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the simulator in a process of its own, which survives the process that started it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from ..core.documents import JsonObject

Announce = Callable[[JsonObject], None]


def run(serve: Callable[[Announce], int]) -> int:
    """Let a child process serve, wait for its address, and print that with its ``pid``.

    The child has a session of its own, so that it survives the end of a playbook and a closed terminal.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.setsid()
        return serve(lambda facts: _detach(writer, {**facts, "pid": os.getpid()}))
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as announced:
        line = announced.read()
    if not line:
        # It could not start; its message is already printed.
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    sys.stdout.write(line)
    sys.stdout.flush()
    return 0


def _detach(writer: int, facts: JsonObject) -> None:
    """Announce the address and close the parent's streams: their reader would wait forever for their end."""
    with os.fdopen(writer, "w", encoding="utf-8") as announced:
        announced.write(json.dumps(facts) + "\n")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
