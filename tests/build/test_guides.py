# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the commands of the README and the guides as a reader does, from the installed collection, and compares what they print.

tests/README.md, "Commands in the guides", has the rules.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.tools import checkout, guides, processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.guides import Block

HERE = Path(__file__).resolve().parent
PAGES = [page for page in guides.pages() if any(block.is_run for block in guides.blocks(page))]
STARTS_SIMULATOR = "flagops.launchdarkly.simulator"
# What a reader copies from the output of the simulator.
PASTED = r"^export LAUNCHDARKLY_(API_HOST|ACCESS_TOKEN)="
# Rollouts of minutes take seconds.
SPEED = "60"
# Nothing listens there: a command that no simulator is known to leaves this machine alone.
NOWHERE = {"LAUNCHDARKLY_API_HOST": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@dataclass(frozen=True)
class Reader:
    """A shell that a page is followed in, and what its commands have printed."""

    folder: Path
    place: Path
    environment: dict[str, str]

    def follow(self, blocks: list[Block]) -> str:
        """Run the blocks in one shell; what goes wrong with the shell itself."""
        self.place.mkdir()
        lines = [f"trap 'echo $? >> {self.place}/$block.codes' ERR"]
        for number, block in enumerate(blocks):
            if block.file:
                lines.append(saved(block, self.folder))
            elif block.is_run:
                text = re.sub(rf"{PASTED}.*$", ":", block.text, flags=re.MULTILINE)
                lines.append(f"block={number}\n{{\n{text}\n}} > {self.place}/{number}.out 2>&1")
                if STARTS_SIMULATOR in block.text:
                    lines.append(f"source <(grep -E '{PASTED}' {self.place}/{number}.out)")
        script = self.place / "script"
        script.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return processes.run(["bash", script], cwd=self.folder, env=self.environment, timeout=900).output

    def output(self, number: int) -> str:
        file = self.place / f"{number}.out"
        return file.read_text(encoding="utf-8") if file.exists() else "(it did not run)"

    def failures(self, number: int) -> list[int]:
        file = self.place / f"{number}.codes"
        return [int(code) for code in file.read_text().split()] if file.exists() else []

    def stop_simulators(self) -> None:
        for file in self.place.glob("*.out"):
            for pid in re.findall(r"^Stop it: kill (\d+)$", file.read_text(encoding="utf-8"), re.MULTILINE):
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)


def saved(block: Block, folder: Path) -> str:
    """The command that saves a block as a file."""
    file = folder / str(block.file)
    return f"mkdir -p {file.parent}; cat > {file} <<'END OF THE BLOCK'\n{block.text}\nEND OF THE BLOCK"


@contextmanager
def reader(page: Path, artifact: Artifact, folder: Path) -> Iterator[Reader]:
    """The README begins without the collection, beside a checkout; a guide begins inside of one, with the collection installed."""
    is_readme = page.parent == checkout.ROOT
    home = folder / "home"
    collections = home / ".ansible" / "collections"
    collections.parent.mkdir(parents=True)
    tree = checkout.copy_to(folder / "tree")
    work = folder / "work" if is_readme else tree
    if is_readme:
        work.mkdir()
        tree.rename(work / "flagops.launchdarkly")
    else:
        collections.symlink_to(artifact.place)
        (work / "new-cart.yml").write_text("release_project_key: shop\nrelease_flag_key: new-cart\n")
    # A terminal shows no progress of curl; an answer that is no success fails its block.
    (home / ".curlrc").write_text("silent\nshow-error\nfail\n")
    path = os.pathsep.join([str(processes.BIN), *os.get_exec_path()])
    environment = processes.clean_environment(HOME=str(home), PATH=path, LC_ALL="C.UTF-8", **NOWHERE)
    with simulator.running(artifact.collection, "--state", str(HERE / "guides.json"), "--speed", SPEED) as service:
        yield Reader(work, folder / "outputs", {**environment, **service.environment})


def problems(blocks: list[Block], reader: Reader) -> Iterator[str]:
    last = -1
    for number, block in enumerate(blocks):
        if block.is_command:
            last = number
        if block.is_run:
            failed = reader.failures(number)
            if (failed[-1:] or [0]) != [block.exit_code]:
                yield f"{block} ended with {failed}, not {block.exit_code}, and printed:\n{reader.output(number)}"
        elif block.kind == "text" and last >= 0 and blocks[last].is_run and "not compared" not in block.remarks:
            missing = guides.missing_part(block.text, reader.output(last))
            if missing is not None:
                yield f"{block} shows what {blocks[last]} did not print, or not there:\n{missing}\n\nIt printed:\n{reader.output(last)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(checkout.ROOT)))
def test_guide_commands_print_what_the_page_shows(page: Path, artifact: Artifact, tmp_path: Path) -> None:
    blocks = list(guides.blocks(page))
    with reader(page, artifact, tmp_path) as followed:
        try:
            said = followed.follow(blocks)
            found = [*([said] if said else []), *problems(blocks, followed)]
        finally:
            followed.stop_simulators()
    assert not found, "\n\n".join(
        ['Correct the page, or mark the block as tests/README.md, "Commands in the guides", says.', *found]
    )
