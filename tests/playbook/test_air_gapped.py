# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle of examples/air-gapped, made from what is installed here, and installed where nothing can be fetched."""

from __future__ import annotations

import re
import sys
import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import Ansible
from ansible_collections.flagops.launchdarkly.tests.tools import processes
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "air-gapped"
# Nothing listens there.
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
KEYS = ("-e", "release_project_key=demo", "-e", "release_flag_key=new-checkout")


def pack(distribution: Distribution, folder: Path) -> None:
    """Make a wheel of an installed distribution again, so that no index is needed."""
    tags = re.findall(r"^Tag: (\S+)$", distribution.read_text("WHEEL") or "", re.MULTILINE)
    name = re.sub(r"[-_.]+", "_", distribution.metadata["Name"])
    files = [path for path in distribution.files or [] if ".." not in path.parts and path.suffix != ".pyc"]
    record = next(path for path in files if path.name == "RECORD")
    with zipfile.ZipFile(folder / f"{name}-{distribution.version}-{tags[-1]}.whl", "w") as wheel:
        for path in files:
            if path != record:
                wheel.write(str(path.locate()), str(path))
        with wheel.open(str(record), "w") as opened:
            opened.write("".join(f"{path},,\n" for path in files).encode())


def run(command: list[object], folder: Path, environment: dict[str, str], code: int = 0) -> str:
    finished = processes.run(command, cwd=folder, env=environment, timeout=300)
    assert finished.code == code, finished.output
    return finished.output


def test_air_gapped_bundle_installs_without_a_network(ansible: Ansible, tmp_path: Path, artifact: Artifact) -> None:
    house, away, place = (tmp_path / name for name in ("house", "away", "releases"))
    for folder in (house, away):
        folder.mkdir()
    for distribution in distributions(path=[path for path in sys.path if path.endswith("site-packages")]):
        pack(distribution, house)
    kept = {
        name: value
        for name, value in ansible.environment.items()
        if not name.startswith(("ANSIBLE_", "PIP_", "RECORDER_"))
    }
    kept = {**kept, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PIP_NO_COMPILE": "1"}

    local_index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(house)}
    run(["/bin/sh", EXAMPLE / "bundle.sh", artifact.file], tmp_path, {**kept, **local_index})
    run(["tar", "-xzf", tmp_path / "launchdarkly-bundle.tar.gz"], away, kept)
    bundle = away / "launchdarkly-bundle"
    run([bundle / "install.sh", place], away, {**kept, **NO_NETWORK})

    with Simulator() as service:
        connection = {"LAUNCHDARKLY_API_HOST": service.url, "LAUNCHDARKLY_ACCESS_TOKEN": service.access_token}
        own = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "ANSIBLE_COLLECTIONS_PATH": str(place / "collections")}
        status = [place / "env" / "bin" / "ansible-playbook", "flagops.launchdarkly.status", *KEYS]
        assert "0 of 3 phases complete" in run(status, tmp_path, {**own, **connection})

    with (bundle / "requirements.txt").open("a") as damaged:
        damaged.write("# damaged\n")
    assert "./requirements.txt: FAILED" in run([bundle / "install.sh", tmp_path / "other"], away, kept, 1)
