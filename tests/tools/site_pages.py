# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site: antsibull-docs writes a page for whatever has options, Sphinx makes HTML of them and the guides."""

from __future__ import annotations

import itertools
import re
import runpy
import shutil
import tempfile
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import ansible_test
import processes
from layout import CACHE, COLLECTION, ROOT
from processes import Finished
from report import Outcome, one_test
from venvs import Venv

PLACE = CACHE / "site"

_BROWSER = Path("tests", "unit", "plugins", "plugin_utils", "chromium.py")
_WIDTHS = (1280, 390)

# Beside the guides in the copy of the checkout, so that they can link to each other.
_REFERENCE = "reference"

# Plugins that nobody names in a playbook.
_NOT_NAMED = {"action", "doc_fragments", "module_utils", "plugin_utils"}

# What a browser fetches by itself when it shows a page; a link is followed only by a person.
_FETCHED = {"audio": "src", "iframe": "src", "img": "src", "link": "href", "script": "src", "source": "src"}

# What a style sheet has fetched.
_OF_A_SHEET = r"""(?:@import\s+|url\(\s*)["']?((?:https?:)?//[^"')\s]+)"""

_PLAYBOOK = """\
## {name}

{about}

<details><summary>The playbook</summary>

```{{literalinclude}} ../playbooks/{file}
:language: yaml+jinja
:start-at: "- name:"
```

</details>
"""


@dataclass(frozen=True)
class Site:
    venv: Venv
    tree: Path

    def build(self) -> Outcome:
        """Any warning is a failure: a broken link, an unknown option, a page that nothing leads to."""
        reference = self.tree / _REFERENCE
        # antsibull-docs refuses a folder that others may write to.
        reference.mkdir()
        reference.chmod(0o755)
        described = self._describe(reference)
        if described.code:
            return one_test(described)
        for page in reference.glob("*.rst"):
            page.write_text(_fitted(page.read_text()))
        sources = self.tree / "docs" / "site"
        shutil.copy(sources / "index.md", self.tree)
        shutil.copy(sources / "ansible.rst", reference)
        (reference / "playbooks.md").write_text(_playbooks(self.tree / "playbooks"))
        shutil.rmtree(PLACE, ignore_errors=True)
        made = self._run("sphinx-build", "-q", "-W", "--keep-going", "-E", "-c", sources, self.tree, PLACE)
        return Outcome(failed=1, output=made.output) if made.code else Outcome(passed=1, remark=f"{PLACE}/index.html")

    def complete(self) -> Outcome:
        """A page for everything a user can name."""
        plugins = [path for path in self.tree.glob("plugins/*/[!_]*.py") if path.parent.name not in _NOT_NAMED]
        roles = [path.parents[1] for path in self.tree.glob("roles/*/meta/argument_specs.yml")]
        wanted = [f"{_REFERENCE}/{path.stem}_{path.parent.name.removesuffix('s')}.html" for path in plugins]
        wanted += [f"{_REFERENCE}/{path.name}_role.html" for path in roles]
        missing = [name for name in wanted if not (PLACE / name).is_file()]
        playbooks = [f"flagops.launchdarkly.{path.stem}" for path in self.tree.glob("playbooks/*.yml")]
        page = (PLACE / _REFERENCE / "playbooks.html").read_text()
        missing += [
            name for name in playbooks if f'<section id="{name.replace(".", "-").replace("_", "-")}">' not in page
        ]
        wanted += playbooks
        return Outcome(failed=1, output="No page: " + ", ".join(missing)) if missing else Outcome(passed=len(wanted))

    def nothing_fetched(self) -> Outcome:
        """The site is as good without a network, and tells nobody who reads it."""
        found = [f"{page.relative_to(PLACE)}: {url}" for page in PLACE.rglob("*.html") for url in _fetched(page)]
        styles = [(sheet, re.findall(_OF_A_SHEET, sheet.read_text())) for sheet in PLACE.rglob("*.css")]
        found += [f"{sheet.relative_to(PLACE)}: {url}" for sheet, urls in styles for url in urls]
        return Outcome(failed=1, output="\n".join(found)) if found else Outcome(passed=1)

    def looked_at(self) -> Outcome:
        """At the width of a desk and of a phone: nothing hangs over the edge, and nothing is complained of or asked for."""
        browser = runpy.run_path(str(ROOT / _BROWSER))
        if not browser["EXECUTABLE"]:
            return Outcome(left_out=["the system has no Chromium"])
        wrong = []
        pages = sorted(PLACE.rglob("*.html"))
        with tempfile.TemporaryDirectory() as profile, browser["page"](Path(profile)) as shown:
            for page, width in itertools.product(pages, _WIDTHS):
                shown.open(page, width)
                if shown.evaluate("document.documentElement.scrollWidth") != width:
                    wrong.append(f"{page.relative_to(PLACE)} is wider than {width} pixels")
            wrong += [str(complaint) for complaint in shown.complaints()]
            wrong += [url for url in shown.requests() if not url.startswith(("file:", "data:"))]
        return Outcome(failed=1, output="\n".join(wrong)) if wrong else Outcome(passed=len(pages))

    def _describe(self, reference: Path) -> Finished:
        options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", reference)
        settings = self.tree / "docs" / "site" / "antsibull-docs.cfg"
        name = ".".join(COLLECTION.parts[1:])
        return self._run("antsibull-docs", "--config-file", settings, "collection", *options, name)

    def _run(self, tool: str, *arguments: str | Path) -> Finished:
        ansible_test.prepare_home(self.tree, self.venv)
        environment = ansible_test.environment(
            self.tree,
            NO_COLOR="1",
            PATH=f"{self.venv.bin}:/usr/bin:/bin",
        )
        return processes.run([self.venv.bin / tool, *arguments], cwd=self.tree, env=environment)


def _fitted(page: str) -> str:
    """As the theme shows it best: the contents stand in its side bar already, and there a short name does."""
    page = re.sub(r"^\.\. contents::\n(?:   .*\n)*", "", page, flags=re.MULTILINE)
    page = re.sub(
        r"^Flagops\.Launchdarkly\n=+$", "Modules, filters, role\n======================", page, flags=re.MULTILINE
    )
    page = re.sub(r"^flagops\.launchdarkly\.(\w+ (?:filter|module|role)) -- ", r"\1: ", page, flags=re.MULTILINE)
    return re.sub(r"^    ((\w+)_(?:filter|module|role))$", r"    \2 <\1>", page, flags=re.MULTILINE)


def _playbooks(folder: Path) -> str:
    """A page of what each playbook says about itself at its top, and the playbook."""
    parts = ["# Playbooks\n"]
    for path in sorted(folder.glob("*.yml")):
        comment = re.search(r"\A---\n(?:# .*\n)+\n((?:#.*\n)*)", path.read_text())
        about = _about(comment[1] if comment else "")
        parts.append(_PLAYBOOK.format(name=f"flagops.launchdarkly.{path.stem}", about=about, file=path.name))
    return "\n".join(parts)


def _about(comment: str) -> str:
    """In these comments a command stands on a line of its own, a variable to add to it anywhere."""
    text = re.sub(r"^# ?", "", comment, flags=re.MULTILINE)
    text = re.sub(r"\bdocs/[\w-]+\.md\b", r"[\g<0>](../\g<0>)", text)
    text = re.sub(r"^ *((?:ansible-playbook|export) .*)$", r"```shell\n\1\n```", text, flags=re.MULTILINE)
    text = text.replace("```\n```shell\n", "")
    return re.sub(r"^(?!ansible-playbook).*", lambda line: _as_code(line[0]), text, flags=re.MULTILINE)


def _as_code(line: str) -> str:
    return re.sub(r"-e [^\s,]+(?:,[^\s,]+)*", r"`\g<0>`", line)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        url = dict(attrs).get(_FETCHED.get(tag, "")) or ""
        if re.match(r"(?:https?:)?//", url):
            self.outside.append(url)


def _fetched(page: Path) -> list[str]:
    links = _Links()
    links.feed(page.read_text())
    return links.outside
