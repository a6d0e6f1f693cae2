# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the simulator as a process of its own, which goes on when its starter has ended."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from .documents import JsonObject

Announce = Callable[[JsonObject], None]


def run(serve: Callable[[Announce], int]) -> int:
    """Let a child of this process serve, and return when it has said where, which is then printed with its ``pid``.

    The child has a session of its own, so that neither the end of a playbook nor a closed terminal ends it.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.setsid()
        return serve(lambda facts: _let_go(writer, {**facts, "pid": os.getpid()}))
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as announced:
        line = announced.read()
    if not line:
        # It could not start, and has said why.
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    sys.stdout.write(line)
    sys.stdout.flush()
    return 0


def _let_go(writer: int, facts: JsonObject) -> None:
    """Tell the starter, and hold on to none of its streams: whoever reads them to their end would wait for ever."""
    with os.fdopen(writer, "w", encoding="utf-8") as announced:
        announced.write(json.dumps(facts) + "\n")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
