# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site: antsibull-docs writes a page for whatever has options, Sphinx makes HTML of them and the guides."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

from ansible_collections.flagops.launchdarkly.tests.docs import notebook_page
from ansible_collections.flagops.launchdarkly.tests.tools import processes
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import COLLECTION, ROOT

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


def build(collections: Path, place: Path) -> None:
    """Make the site of a copy of the checkout. Any warning is a failure: a broken link, an unknown option, an orphaned page."""
    tree = collections / COLLECTION
    reference = tree / _REFERENCE
    # antsibull-docs refuses a folder that others may write to.
    reference.mkdir()
    reference.chmod(0o755)
    sources = tree / "docs" / "site"
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", reference)
    settings = ("--config-file", sources / "antsibull-docs.cfg")
    _run(tree, "antsibull-docs", *settings, "collection", *options, ".".join(COLLECTION.parts[1:]))
    for page in reference.glob("*.rst"):
        page.write_text(_fitted(page.read_text()))
    shutil.copy(sources / "index.md", tree)
    with (tree / "docs" / "runbook.md").open("a", encoding="utf-8") as runbook:
        runbook.write(f"\n{notebook_page.to_markdown(sources / 'runbook.ipynb')}")
    shutil.copy(sources / "ansible.rst", reference)
    (reference / "playbooks.md").write_text(_playbooks(tree / "playbooks"))
    shutil.rmtree(place, ignore_errors=True)
    _run(tree, "sphinx-build", "-q", "-W", "--keep-going", "-E", "-c", sources, tree, place)


def wanted_pages() -> tuple[list[str], list[str]]:
    """A page for each plugin and role that a user can name, and a section for each playbook."""
    plugins = [path for path in ROOT.glob("plugins/*/[!_]*.py") if path.parent.name not in _NOT_NAMED]
    roles = [path.parents[1] for path in ROOT.glob("roles/*/meta/argument_specs.yml")]
    pages = [f"{_REFERENCE}/{path.stem}_{path.parent.name.removesuffix('s')}.html" for path in plugins]
    pages += [f"{_REFERENCE}/{path.name}_role.html" for path in roles]
    names = [f"flagops-launchdarkly-{path.stem}".replace("_", "-") for path in ROOT.glob("playbooks/*.yml")]
    return pages, names


def fetched(place: Path) -> list[str]:
    """Whatever a browser fetches from elsewhere when it shows a page."""
    found = [f"{page.relative_to(place)}: {url}" for page in place.rglob("*.html") for url in _fetched(page)]
    styles = [(sheet, re.findall(_OF_A_SHEET, sheet.read_text())) for sheet in place.rglob("*.css")]
    return found + [f"{sheet.relative_to(place)}: {url}" for sheet, urls in styles for url in urls]


def _run(tree: Path, tool: str, *arguments: str | Path) -> None:
    environment = processes.clean_environment(
        ANSIBLE_COLLECTIONS_PATH=str(tree.parents[2]), NO_COLOR="1", PATH=f"{processes.BIN}:/usr/bin:/bin"
    )
    finished = processes.run([processes.BIN / tool, *arguments], cwd=tree, env=environment)
    assert finished.code == 0, finished.output


def _fitted(page: str) -> str:
    """As the theme shows it best: the contents stand in its side bar already, and there a short name does."""
    page = re.sub(r"^\.\. contents::\n(?:   .*\n)*", "", page, flags=re.MULTILINE)
    page = re.sub(
        r"^Flagops\.Launchdarkly\n=+$", "Modules, plugins, role\n======================", page, flags=re.MULTILINE
    )
    page = re.sub(
        r"^flagops\.launchdarkly\.(\w+ (?:filter|inventory|lookup|module|role)) -- ", r"\1: ", page, flags=re.MULTILINE
    )
    return re.sub(r"^    ((\w+)_(?:filter|inventory|lookup|module|role))$", r"    \2 <\1>", page, flags=re.MULTILINE)


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
