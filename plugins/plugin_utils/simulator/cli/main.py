# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.documents import JsonObject
from ..core.errors import ApiError
from ..service.simulator import Simulator
from . import background

_STOP = {signal.SIGTERM, signal.SIGINT}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; print address and token in one line."""
    options = _parser().parse_args(arguments)
    if options.background:
        return background.run(lambda announce: _serve(options, announce))
    return _serve(options, _announce)


def _serve(options: argparse.Namespace, announce: background.Announce) -> int:
    # Blocked and then waited for: a handler could run before anything is ready to stop.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    try:
        simulator = _simulator(options)
    except (ApiError, OSError, OverflowError, ValueError) as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    with simulator:
        announce({"url": simulator.url, "access_token": simulator.access_token})
        signal.sigwait(_STOP)
    return 0


def _announce(facts: JsonObject) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _simulator(options: argparse.Namespace) -> Simulator:
    return Simulator(
        _read(options.state),
        speed=options.speed,
        completion=options.completion,
        access_token=options.access_token,
        port=options.port,
        faults=_read(options.faults) or (),
        webhook=options.webhook,
        webhook_secret=options.webhook_secret,
    )


def _read(name: str) -> Any:
    if not name:
        return None
    try:
        return json.loads(Path(name).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{name} is not JSON: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description="A LaunchDarkly on your own machine, for releases.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    parser.add_argument("--state", default="", metavar="FILE", help="JSON file with the state to start with")
    parser.add_argument("--faults", default="", metavar="FILE", help="JSON file with a list of faults")
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        metavar="N",
        help="how many times faster than real time the clock runs; 1 by default",
    )
    parser.add_argument(
        "--completion",
        choices=("self", "on_next"),
        default="self",
        help="a phase completes by itself (the default), or only when the next one starts",
    )
    parser.add_argument("--access-token", metavar="TOKEN", help="the token to accept; a new one by default")
    parser.add_argument("--webhook", default="", metavar="URL", help="address to which every change is posted")
    parser.add_argument("--webhook-secret", default="", metavar="SECRET", help="secret that signs these posts")
    parser.add_argument(
        "--background",
        action="store_true",
        help="run in a process of its own, and add its id to the line as pid",
    )
    return parser
