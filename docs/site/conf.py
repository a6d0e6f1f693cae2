# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx makes the documentation site of "make docs".

The sources are the Markdown files where they lie in the checkout, and the pages that antsibull-docs and
tests/docs/site.py write into reference/ beside them. So a link between two files is a link between two pages.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from sphinx.application import Sphinx

project = "flagops.launchdarkly"
author = "Contributors to the flagops.launchdarkly project"
copyright = author  # noqa: A001  the name is Sphinx's
release = yaml.safe_load((Path(__file__).parents[2] / "galaxy.yml").read_text(encoding="utf-8"))["version"]
html_title = f"{project} {release}"
html_short_title = project

extensions = ["myst_parser", "sphinx_antsibull_ext", "sphinx_copybutton"]
root_doc = "index"
include_patterns = [
    "index.md",
    "[CR]*.md",
    "CHANGELOG.rst",
    "docs/*.md",
    "roles/*/README.md",
    "tests/README.md",
    "reference/**",
]
highlight_language = "yaml+jinja"
nitpicky = True
# Ansible's own, which the options of a cache name.
nitpick_ignore_regex = [("envvar", r"ANSIBLE_CACHE_PLUGIN\w*")]
# A quotation mark out of a command has to stay one.
smartquotes = False

myst_enable_extensions = ["colon_fence"]
# As code forges make them, so that links to headings hold in both places.
myst_heading_anchors = 4

# What a command prints is to be compared, not copied; a prompt is not part of the command.
copybutton_selector = "div:not(.highlight-text) > div.highlight > pre"
copybutton_exclude = ".linenos, .gp, .go"
copybutton_prompt_text = "$ "

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_last_updated_fmt = None
pygments_style = "friendly"
pygments_dark_style = "monokai"

# Galaxy shows the README alone, so what it links to and shows is the code forge's; here these files are beside it.
_OUR_FILES = re.compile(r"https://github\.com/flagops/flagops\.launchdarkly/(blob|raw)/main/([\w./-]+\w)")


def _stay_here(app: Sphinx, docname: str, source: list[str]) -> None:
    def here(found: re.Match[str]) -> str:
        kind, name = found.groups()
        is_page = name.endswith(".md") and Path(name).with_suffix("").as_posix() in app.env.found_docs
        return f"/{name}" if is_page or (kind == "raw" and Path(app.srcdir, name).is_file()) else found[0]

    if not docname.startswith("reference/"):
        source[0] = _OUR_FILES.sub(here, source[0])
    if docname == "index":
        source[0] = source[0].replace("\nNEW PAGES\n", "\n".join(["", *_new_pages(app, source[0]), ""]))
    if docname == "CHANGELOG":
        # The theme shows the contents beside the page.
        source[0] = re.sub(r"\A(=+)\n.*\n=+\n\n\.\. contents:: .*\n", r"\1\nChangelog\n\1\n", source[0])
    if docname == "README":
        # The name of the collection is that of the whole site.
        source[0] = source[0].replace(f"# {project}\n", "# Start here\n", 1)


def _new_pages(app: Sphinx, index: str) -> list[str]:
    """Whoever adds a page sees it on the site, among the guides, until it has a place there."""
    listed = set(re.findall(r"^(?:.*<)?(docs/[\w-]+)>?$", index, re.MULTILINE))
    return sorted(name for name in app.env.found_docs if name.startswith("docs/") and name not in listed)


def setup(app: Sphinx) -> None:
    app.connect("source-read", _stay_here)
