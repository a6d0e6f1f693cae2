# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Sequence

from .errors import ApiError
from .server import Simulator
from .state import StateError


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the one line printed says where, and with which token."""
    options = _parser().parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_unused: stopped.set())
    try:
        simulator = Simulator(
            _read(options.state),
            speed=options.speed,
            completion=options.completion,
            access_token=options.access_token,
            port=options.port,
            faults=_read(options.faults) or (),
        )
    except (ApiError, OSError, StateError, ValueError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    with simulator:
        print(json.dumps({"url": simulator.url, "access_token": simulator.access_token}), flush=True)
        stopped.wait()
    return 0


def _read(path: Path | None) -> Any:
    return None if path is None else json.loads(path.read_text(encoding="utf-8"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description="A LaunchDarkly on your own machine, for releases.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="JSON file with the state to start with")
    parser.add_argument("--faults", type=Path, help="JSON file with a list of faults")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster than real time the clock runs")
    parser.add_argument(
        "--completion",
        choices=("self", "on_next"),
        default="self",
        help="a phase completes by itself, or only when the next one is started",
    )
    parser.add_argument("--access-token", help="the token to accept; a new one when not given")
    return parser
