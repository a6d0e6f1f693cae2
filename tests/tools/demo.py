# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks/demo.yml against a simulator of its own, or against one flag of a real account.

    python3 tests/tools/demo.py                       a LaunchDarkly on this machine
    DEMO_FLAG=my-project/my-flag python3 tests/tools/demo.py   the account of LAUNCHDARKLY_ACCESS_TOKEN

A token that merely lies in the environment is not used: without DEMO_FLAG no account is touched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import processes
import pythons
import simulator
import venvs
from layout import ROOT, VENVS
from simulator import SimulatorError
from venvs import Venv, VenvError

PLAYBOOK = ROOT / "playbooks" / "demo.yml"


class DemoError(Exception):
    """The demo cannot start; the message says what to do."""


def main() -> int:
    processes.interrupt_on_signals()
    try:
        return demo()
    except (DemoError, SimulatorError, VenvError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted; nothing is left running.", file=sys.stderr)
        return 130
    finally:
        processes.stop_all()


def demo() -> int:
    flag = os.environ.get("DEMO_FLAG", "")
    real = real_account(flag) if flag else None
    found = pythons.controllers(pythons.find())
    if not found:
        message = "No Python here that ansible-core runs on: 3.10 or newer, with the venv module."
        raise DemoError(message)
    print(f"Preparing {VENVS.name}/ with {found[-1]} ...", flush=True)
    venv = venvs.runtime(found[-1])
    if real:
        return play(venv, *real)
    with simulator.running(venv.python, ROOT) as service:
        print(f"LaunchDarkly is played by a simulator at {service.url}\n", flush=True)
        return play(venv, service.environment, {"simulated": "true"})


def real_account(flag: str) -> tuple[dict[str, str], dict[str, str]]:
    """Whom to talk to, as environment variables, and which flag, as variables of the playbook."""
    project_key, slash, flag_key = flag.partition("/")
    if not (project_key and slash and flag_key):
        message = f"DEMO_FLAG is to be PROJECT/FLAG, as in my-project/my-flag, not {flag!r}."
        raise DemoError(message)
    names = ("LAUNCHDARKLY_ACCESS_TOKEN", "LD_ACCESS_TOKEN", "LAUNCHDARKLY_API_HOST")
    environment = {name: os.environ[name] for name in names if os.environ.get(name)}
    if not environment.keys() & {"LAUNCHDARKLY_ACCESS_TOKEN", "LD_ACCESS_TOKEN"}:
        message = "DEMO_FLAG asks for a real account, so LAUNCHDARKLY_ACCESS_TOKEN must hold a token for it."
        raise DemoError(message)
    host = environment.get("LAUNCHDARKLY_API_HOST", "https://app.launchdarkly.com")
    print(f"Starting phases of the flag {flag_key} in the project {project_key} at {host}\n", flush=True)
    return environment, {"project_key": project_key, "flag_key": flag_key}


def play(venv: Venv, environment: Mapping[str, str], variables: Mapping[str, str]) -> int:
    # As JSON, so that what DEMO_FLAG holds stays the value of one variable.
    command: list[str | Path] = [venv.bin / "ansible-playbook", PLAYBOOK, "-e", json.dumps(variables)]
    ours = processes.clean_environment(ANSIBLE_CONFIG=str(venvs.settings(venv)), **environment)
    return wait(processes.start(command, env=ours, cwd=ROOT))


def wait(process: subprocess.Popen[str]) -> int:
    """Until it ends, or until whoever started us is gone without having been able to say so."""
    parent = os.getppid()
    while process.poll() is None:
        if os.getppid() != parent:
            raise processes.Interrupted
        time.sleep(0.05)
    # As a shell would say it: 128 and the number of the signal.
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


if __name__ == "__main__":
    sys.exit(main())
