#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_preflight
short_description: Find what would make a LaunchDarkly release fail, before anything moves
version_added: 0.9.0
description:
  - Looks at all that a release of a flag depends on, from the Python libraries to scheduled changes, and returns one finding for each check,
    with what to do about it.
  - What is in the way is a finding and not a failure, so the task succeeds. The playbook C(flagops.launchdarkly.doctor) shows the findings as
    one page, and fails if something is in the way.
  - It sends reads only, unless O(dry_run) is set.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.attributes.info
options:
  environments:
    description:
      - The environments that the flag is to be released to, for a release without a release pipeline.
      - Each is the key of an environment, or a dictionary like an entry of the role's C(release_environments), with C(environment), C(name)
        and the options of M(flagops.launchdarkly.ld_environment_release). An entry that the role refuses is refused here with
        V(invalid_option).
      - If not set, the release goes through the release pipeline that the flag is in, or through O(release_pipeline_key).
    type: list
    elements: raw
  release_pipeline_key:
    description:
      - Key of the release pipeline that the flag is in, or is to be attached to.
      - Not together with O(environments).
    type: str
  variation:
    description:
      - The variation to release, by its ID, name or value. If not set, it is the true variation of a boolean flag.
    type: raw
  dry_run:
    description:
      - Whether LaunchDarkly is asked to check the change of the flag in each environment without making it (C(PATCH) with C(dryRun=true)).
      - It shows whether the token has the rights for the change, and whether LaunchDarkly would refuse it because of approvals or conflicts.
      - Not for release pipelines, for which LaunchDarkly has no dry run.
    type: bool
    default: false
  record:
    description:
      - Path of a file to write what LaunchDarkly answered to, without anything that names somebody or something, for a bug report. What the
        file held is replaced, and only its owner may read it.
      - The file holds fields of a fixed list only. LaunchDarkly's own words are kept, such as statuses, kinds, codes, strategies and reasons;
        numbers are kept if they are shares, lengths of time or places in a list; times become differences. Any other text becomes a
        placeholder, and equal texts have equal placeholders. Messages are left out, except for fixed sentences that the collection knows.
      - The simulator loads it as a state.
      - Not written in check mode. Writing it does not count as a change.
    type: path
seealso:
  - module: flagops.launchdarkly.ld_environment_release
  - module: flagops.launchdarkly.ld_release_info
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Look before the release of a flag that is in a release pipeline
  flagops.launchdarkly.ld_preflight:
    project_key: shop
    flag_key: new-cart
  register: preflight

- name: Show the page
  ansible.builtin.debug:
    msg: "{{ preflight.page }}"

- name: Stop if something is in the way
  ansible.builtin.assert:
    that: preflight.ready
    fail_msg: "{{ preflight.summary }}"

- name: Look before a release through environments, and have LaunchDarkly check the change
  flagops.launchdarkly.ld_preflight:
    project_key: shop
    flag_key: new-cart
    environments:
      - staging
      - environment: production
        strategy: guarded
        steps:
          - percent: 10
            duration: 1h
        metrics:
          - key: checkout-errors
    dry_run: true
"""

RETURN = r"""
ready:
  description: Whether nothing is in the way of a release. Warnings are not in the way.
  returned: always, except for options that cannot be used
  type: bool
findings:
  description:
    - What each check found, in order; several for a check that looks at each environment.
    - The checks of every release are C(libraries), C(instance), C(connection), C(clock), C(token), C(project), C(flag), C(archived),
      C(variation), C(beta), C(release), C(approvals), C(rules), C(contexts), C(requests) (open approval requests), C(scheduled) (scheduled
      changes), C(permissions) and C(budget) (requests that the rate limits leave).
    - C(environments) is for a release through environments, C(pipeline) and C(phases) are for one through a release pipeline.
  returned: always, except for options that cannot be used
  type: list
  elements: dict
  contains:
    check:
      description: Name of the check.
      type: str
      sample: contexts
    status:
      description:
        - V(ok); V(warning), a release may fail or do something else than meant; V(problem), a release would fail; V(unknown), it cannot be
          read; V(skipped), a problem above left nothing to look at.
      type: str
      sample: problem
    message:
      description: The fact, in a sentence.
      type: str
      sample: "No flag 'new-crat' in project 'shop' (404)."
    remedy:
      description: What to do about it; null if there is nothing to do.
      type: str
      sample: Correct flag_key. Did you mean 'new-cart'?
    environment_key:
      description: Key of the environment that it is about; null if it is about none.
      type: str
page:
  description: The findings for a person, a list of lines.
  returned: always, except for options that cannot be used
  type: list
  elements: str
summary:
  description: The outcome in one sentence.
  returned: always, except for options that cannot be used
  type: str
  sample: "In the way of a release: flag; 0 warnings."
record:
  description: Path of the file that O(record) was written to; null if none was.
  returned: always, except for options that cannot be used
  type: str
requests:
  description: How many API requests were made.
  returned: always, except for options that cannot be used
  type: int
  sample: 9
retries:
  description: How often a failure that can pass was answered by trying again.
  returned: always, except for options that cannot be used
  type: int
  sample: 0
error_code:
  description:
    - V(invalid_option), V(insecure_api_host), V(missing_library) or V(internal_error). Whatever LaunchDarkly answers is a finding.
  returned: failure
  type: str
  sample: invalid_option
http_status:
  description: Null.
  returned: failure
  type: int
error:
  description: The failure as data, as M(flagops.launchdarkly.ld_release_phase) describes it.
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.preflight import PREFLIGHT
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(PREFLIGHT)


if __name__ == "__main__":
    main()
