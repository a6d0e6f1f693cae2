# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_report
short_description: The report of a run of the role release
version_added: 0.2.0
description:
  - Takes an entry of C(release_result), as the role P(flagops.launchdarkly.release#role) leaves it, and returns a report on it.
  - Without a run, a report says where a release stands.
  - Reads nothing and changes nothing. The role itself writes reports when C(release_report_dir) is set.
positional: _input, format
options:
  _input:
    description:
      - An entry of C(release_result).
      - For a report without a run, a dictionary with C(project_key), C(flag_key) and C(finished_at), the time when the release was read.
    type: dict
    required: true
  format:
    description:
      - V(json) is the report as text in JSON, by the schema in C(docs/schemas/release-report-1.json) of this collection.
      - V(markdown) is text for a ticket or a chat.
      - V(html) is one page that needs nothing but itself, for a browser or a printer.
      - V(artifact) is the same as V(json), but as data and made for C(set_stats). It has at most 512 kB; where that is too little,
        the oldest measurements of checks are left out first, then long texts are cut, and C(shortened) says so. Text in it that
        Ansible would take for a template, for example in a reviewer's comment, is changed so that it is none.
    type: str
    choices: [json, markdown, html, artifact]
    default: json
  release:
    description:
      - The release, RV(flagops.launchdarkly.ld_release_info#module:release). It adds what the run does not know, the phases outside of the
        run and who completed each phase.
    type: dict
  approvals:
    description:
      - The approval requests of the flag, as RV(flagops.launchdarkly.ld_approval_request_info#module:approvals) lists them for each
        environment, in one list. With O(release), they add the approvals of phases that the run did not wait for itself.
    type: list
    elements: dict
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
"""

RETURN = r"""
_value:
  description: The report, text or with O(format=artifact) data.
  type: raw
"""

import json
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.artifact import to_artifact
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import to_html
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markdown import to_markdown


def _to_json(document: t.Mapping[str, t.Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


FORMATS: dict[str, t.Callable[[dict[str, t.Any]], t.Any]] = {
    "json": _to_json,
    "markdown": to_markdown,
    "html": to_html,
    "artifact": to_artifact,
}


def release_report(
    record: dict[str, t.Any],
    format: str = "json",  # noqa: A002  the name that users write
    release: dict[str, t.Any] | None = None,
    approvals: list[dict[str, t.Any]] | None = None,
) -> t.Any:
    if format not in FORMATS:
        raise AnsibleFilterError(f"release_report knows the formats {', '.join(FORMATS)}, and not {format!r}.")
    try:
        return FORMATS[format](report(record, release, approvals))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"release_report cannot read this record of a run, or this release: {type(error).__name__}: {error}"
        raise AnsibleFilterError(message) from error


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_report": release_report}
