# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks/demo.yml against a simulator of its own, or against one flag of a real account.

    make demo                                    a LaunchDarkly on this machine
    DEMO_FLAG=my-project/my-flag make demo       the account of LAUNCHDARKLY_ACCESS_TOKEN

A token that merely lies in the environment is not used: without DEMO_FLAG no account is touched.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping

from ansible_collections.flagops.launchdarkly.tests.tools import checkout, processes, simulator

PLAYBOOK = checkout.ROOT / "playbooks" / "demo.yml"


class DemoError(Exception):
    """The demo cannot start; the message says what to do."""


def main() -> int:
    processes.own_the_descendants()
    processes.end_with_parent()
    try:
        return demo()
    except (DemoError, simulator.SimulatorError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted; nothing is left running.", file=sys.stderr)
        return 130
    finally:
        processes.stop_all()


def demo() -> int:
    if flag := os.environ.get("DEMO_FLAG", ""):
        return play(*real_account(flag))
    with simulator.running(checkout.ROOT) as service:
        print(f"LaunchDarkly is simulated at {service.url}", flush=True)
        return play(service.environment, {"simulated": "true"})


def real_account(flag: str) -> tuple[dict[str, str], dict[str, str]]:
    """Which account, as environment variables, and which flag, as variables of the playbook."""
    project_key, slash, flag_key = flag.partition("/")
    if not (project_key and slash and flag_key):
        message = f"DEMO_FLAG has to be PROJECT/FLAG, as in my-project/my-flag, not {flag!r}."
        raise DemoError(message)
    names = ("LAUNCHDARKLY_ACCESS_TOKEN", "LD_ACCESS_TOKEN", "LAUNCHDARKLY_API_HOST")
    environment = {name: os.environ[name] for name in names if os.environ.get(name)}
    if not environment.keys() & {"LAUNCHDARKLY_ACCESS_TOKEN", "LD_ACCESS_TOKEN"}:
        message = "DEMO_FLAG asks for a real account, so LAUNCHDARKLY_ACCESS_TOKEN must hold a token for it."
        raise DemoError(message)
    host = environment.get("LAUNCHDARKLY_API_HOST", "https://app.launchdarkly.com")
    print(f"Starting phases of the flag {flag_key} in the project {project_key} at {host}\n", flush=True)
    return environment, {"project_key": project_key, "flag_key": flag_key}


def play(environment: Mapping[str, str], variables: Mapping[str, str]) -> int:
    # As JSON, so that what DEMO_FLAG holds stays the value of one variable.
    command = [processes.BIN / "ansible-playbook", PLAYBOOK, "-e", json.dumps(variables)]
    ours = processes.clean_environment(
        ANSIBLE_COLLECTIONS_PATH=str(checkout.collections_path()),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        **environment,
    )
    process = processes.start(command, env=ours, cwd=checkout.ROOT)
    try:
        code = process.wait()
    finally:
        processes.stop(process)
    # As a shell reports it: 128 and the number of the signal.
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
