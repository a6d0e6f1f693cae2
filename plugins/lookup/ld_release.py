# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ld_release
short_description: The LaunchDarkly releases of flags as data
version_added: 0.9.0
description:
  - Reads the release of each flag, as M(flagops.launchdarkly.ld_release_info) does, where a template needs it.
  - It runs on the controller. A task's keyword C(environment) does not reach it, and C(module_defaults) do not either.
  - Ansible runs a lookup each time that the template is used. Keep the result with C(set_fact) if it is used more than once.
extends_documentation_fragment:
  - flagops.launchdarkly.connection.plugin
  - flagops.launchdarkly.connection
options:
  _terms:
    description:
      - Keys of flags, or of projects and flags with a slash between them, such as V(shop/new-cart).
    type: list
    elements: str
    required: true
  project_key:
    description:
      - Key of the project of the flags that are given without one.
    type: str
seealso:
  - module: flagops.launchdarkly.ld_release_info
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Deploy once the flag has come to production
  ansible.builtin.include_tasks: deploy.yml
  when: production.status in ['active', 'completed']
  vars:
    release: "{{ lookup('flagops.launchdarkly.ld_release', 'shop/new-cart') }}"
    production: "{{ release.phases | selectattr('name', 'eq', 'Production') | first }}"

- name: Show which of these flags are released to everybody
  ansible.builtin.debug:
    msg: "{{ releases | select | selectattr('complete') | map(attribute='flag_key') }}"
  vars:
    releases: "{{ query('flagops.launchdarkly.ld_release', 'new-cart', 'dark-mode', project_key='shop') }}"
"""

RETURN = r"""
_list:
  description:
    - The release of each flag, as RV(flagops.launchdarkly.ld_release_phase#module:release) describes it. Null for a flag without a release,
      or without read access, which LaunchDarkly answers in the same way.
  type: list
  elements: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_lookup import ReleaseLookup


class LookupModule(ReleaseLookup):
    """Reads the release of each flag."""
