# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_report
short_description: Report on a run of the role release
version_added: 0.2.0
description:
  - Makes a report from an entry of C(release_result), as the role P(flagops.launchdarkly.release#role) leaves it.
  - Without a run, a report says where a release stands.
  - Sends nothing and writes nothing. The role itself writes reports when C(release_report_dir) is set.
positional: _input, format
options:
  _input:
    description:
      - An entry of C(release_result).
      - For a report without a run, a dictionary with C(project_key), C(flag_key) and C(finished_at), the time when the release was read.
      - Or a report as data, as O(format=json) has it, to make another format of a report that was kept.
      - The first two may have C(flag_link), the address of the flag, C(variation_name), and C(ran_by) with C(system), C(job), C(user) and
        C(link), which since 0.9.0 are shown too. A report is taken since 0.9.0.
    type: dict
    required: true
  format:
    description:
      - V(json) is the report as text in JSON; its schema is C(docs/schemas/release-report-1.json) in this collection.
      - V(markdown) is text for a ticket or a chat.
      - V(html) is one page for a browser or a printer that needs nothing but itself. It is made with O(template).
      - V(svg) is the timeline alone, as a picture for a wiki or a notebook that needs nothing but itself. It exists since 0.9.0.
      - V(artifact) is the same as V(json), but as data for C(set_stats). It has at most 512 kB. A larger report first loses its
        oldest measurements of checks, then long texts are cut; C(shortened) says so. Text that Ansible would take for a template,
        for example in a reviewer's comment, is changed so that it is none.
    type: str
    choices: [json, markdown, html, svg, artifact]
    default: json
  release:
    description:
      - The release, RV(flagops.launchdarkly.ld_release_info#module:release). It adds what the run does not know, for example phases
        that are not in the run, and who completed each phase.
    type: dict
  approvals:
    description:
      - The approval requests of the flag, as RV(flagops.launchdarkly.ld_approval_request_info#module:approvals) lists them for each
        environment, in one list. With O(release), they add the approvals that the run did not wait for.
    type: list
    elements: dict
  template:
    description:
      - The Jinja2 template of the page for O(format=html); the one of the role without this option.
      - A relative path is relative to the folder that Ansible was started in.
      - See the README of the role for what a template gets.
    type: path
    version_added: 0.9.0
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Release
  ansible.builtin.include_role:
    name: flagops.launchdarkly.release
  vars:
    release_project_key: shop
    release_flag_key: new-cart

- name: Write the report into a ticket's folder
  ansible.builtin.copy:
    content: "{{ release_result['shop/new-cart'] | flagops.launchdarkly.release_report(format='html') }}"
    dest: CHG0031877/report.html
    mode: "0644"

- name: Draw the timeline of a report that was kept
  ansible.builtin.copy:
    content: "{{ lookup('file', 'report.json') | from_json | flagops.launchdarkly.release_report(format='svg') }}"
    dest: CHG0031877/timeline.svg
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The report, text or with O(format=artifact) data.
  type: raw
"""

import json
import os
import typing as t
from pathlib import Path

from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.artifact import to_artifact
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import SCHEMA, report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import (
    TEMPLATE,
    TemplateProblem,
    to_html,
    to_svg,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markdown import to_markdown

FORMATS = ("json", "markdown", "html", "svg", "artifact")


def release_report(
    record: dict[str, t.Any],
    format: str = "json",  # noqa: A002  the name that users write
    release: dict[str, t.Any] | None = None,
    approvals: list[dict[str, t.Any]] | None = None,
    template: str = "",
) -> t.Any:
    if format not in FORMATS:
        raise AnsibleFilterError(f"release_report: unknown format {format!r}. Valid formats: {', '.join(FORMATS)}.")
    try:
        document = record if record.get("$schema") == SCHEMA else report(record, release, approvals)
        return _render(document, format, template)
    except TemplateProblem as error:
        raise AnsibleFilterError(f"release_report: {error}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"release_report cannot read this record of a run, or this release: {type(error).__name__}: {error}"
        raise AnsibleFilterError(message) from error


def _render(document: dict[str, t.Any], wanted: str, template: str) -> t.Any:
    if wanted == "markdown":
        return to_markdown(document)
    if wanted == "html":
        return to_html(document, Path(os.getcwd(), Path(template).expanduser()) if template else TEMPLATE)
    if wanted == "svg":
        return to_svg(document)
    if wanted == "artifact":
        return to_artifact(document)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_report": release_report}
