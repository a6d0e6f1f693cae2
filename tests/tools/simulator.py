# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LaunchDarkly on this machine, in a process of its own, for as long as a "with" lasts."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ansible_collections.flagops.launchdarkly.tests.tools import processes

_PATIENCE = 20.0  # seconds until it must have printed where it is


class SimulatorError(Exception):
    """The simulator did not come up."""


@dataclass(frozen=True)
class Simulator:
    url: str
    access_token: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes the collection talk to it. A proxy of the machine's has no way to it."""
        local = "127.0.0.1,localhost,::1"
        return {
            "LAUNCHDARKLY_API_HOST": self.url,
            "LAUNCHDARKLY_ACCESS_TOKEN": self.access_token,
            "NO_PROXY": local,
            "no_proxy": local,
        }


@contextmanager
def running(collection: Path, *arguments: str) -> Iterator[Simulator]:
    """The simulator of the collection in that folder."""
    with tempfile.TemporaryFile("w+") as errors:
        process = processes.start(
            [sys.executable, collection / "plugins" / "plugin_utils" / "simulator", "--port", "0", *arguments],
            env=processes.clean_environment(),
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield _announced(process, errors)
        finally:
            processes.stop(process)
            if process.stdout:
                process.stdout.close()


def _announced(process: subprocess.Popen[str], errors: IO[str]) -> Simulator:
    assert process.stdout is not None
    spoke = select.select([process.stdout], [], [], _PATIENCE)[0]
    line = process.stdout.readline() if spoke else ""
    try:
        words = json.loads(line)
        return Simulator(words["url"], words["access_token"])
    except (ValueError, KeyError, TypeError) as error:
        processes.stop(process)
        errors.seek(0)
        message = f"The simulator did not print where it is. Its first line: {line!r}\n{errors.read()}"
        raise SimulatorError(message) from error
