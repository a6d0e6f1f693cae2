# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ld_releases
short_description: LaunchDarkly releases as an inventory
version_added: 0.9.0
description:
  - Makes a host of each flag with a release, so that C(--limit), C(serial), forks and job slices choose and pace what is released.
  - Its configuration file ends in C(ld_releases.yml) or C(ld_releases.yaml).
  - A host is named after its flag. It is prefixed with its project and a dot if flags of more than one project are found, and if a group,
    another host or Ansible itself already uses the name of the flag.
  - The variables C(release_project_key) and C(release_flag_key) are those of the role P(flagops.launchdarkly.release#role), so that the
    playbook C(flagops.launchdarkly.release) releases these hosts. C(ansible_connection) is V(local).
  - The variables C(ld_kind) (V(pipeline) or V(environments)), C(ld_pipeline_key), C(ld_phase), C(ld_status), C(ld_since),
    C(ld_environments), C(ld_name), C(ld_tags), C(ld_maintainer) (an email address or the key of a team) and C(ld_link) are for people and
    for groups. Each is null where it is not known or was not read.
  - C(ld_status) is the status of the phase, as in M(flagops.launchdarkly.ld_release_info). It is null for a release pipeline where
    LaunchDarkly's list omits it, unless O(since) or O(stuck_after) is set.
  - Every host is in the group C(ld_releases), and in C(phase_<name>), C(status_<status>) and C(pipeline_<key>), as far as these are known.
    Their names are in lower case, with underscores for all characters that a group name cannot have.
  - An opening brace of a template in a text from LaunchDarkly is separated by a blank, so that Ansible does not take it for a template.
extends_documentation_fragment:
  - flagops.launchdarkly.connection.plugin
  - flagops.launchdarkly.connection
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Marks the file as one of this plugin.
    type: str
    required: true
    choices: [flagops.launchdarkly.ld_releases]
  project_keys:
    description:
      - Keys of the projects to read.
    type: list
    elements: str
    required: true
  sources:
    description:
      - What is read.
      - V(pipelines) are the releases of release pipelines. It takes one request per page of 20 releases.
      - V(flags) are the flags that match O(query), O(tags), O(guarded_rollout) and O(release_pipeline_keys), archived ones excepted, for
        accounts without release pipelines. It takes one request per page of 20 flags. A flag that is in a release pipeline that is read,
        too, is shown as such.
    type: list
    elements: str
    choices: [pipelines, flags]
    default: [pipelines]
  release_pipeline_keys:
    description:
      - Keys of the release pipelines to read. If not set, all are read, and V(flags) of O(sources) are not filtered by it.
    type: list
    elements: str
  release_status:
    description:
      - V(active) reads releases that are not completed, V(completed) the others.
    type: list
    elements: str
    choices: [active, completed]
    default: [active]
  query:
    description:
      - Only flags whose key or name contains this text. Case does not matter. It must not contain a comma.
    type: str
  tags:
    description:
      - Only flags with all of these tags.
    type: list
    elements: str
  guarded_rollout:
    description:
      - Only flags with a guarded rollout in this state.
    type: str
    choices: [any, monitoring, regressed, rolled_back, completed, archived]
  guarded_rollout_environment_key:
    description:
      - Key of the environment that O(guarded_rollout) is about. If not set, LaunchDarkly is asked about none in particular.
    type: str
  environments:
    description:
      - Keys of the environments that flags without a release pipeline are released through, in order. Required for V(flags) of O(sources).
      - The phase of such a flag is the first of them in which not everybody gets O(variation). Only the flag's targeting is looked at.
        What somebody took back is therefore shown as ready to start.
    type: list
    elements: str
  variation:
    description:
      - The variation that is released through O(environments), as its ID, its name or its value. If not set, it is the true one of a boolean
        flag.
      - A flag without such a variation has neither phase nor status, and a warning names it.
    type: raw
  details:
    description:
      - Whether name, tags and maintainer of the flags in release pipelines are read, which takes another request per page.
      - They are always read for filtered flags.
    type: bool
    default: true
  since:
    description:
      - Whether C(ld_since) is read, the time at which the release entered its phase. It takes another request for every flag in a release
        pipeline.
      - For flags without a release pipeline it is the last change of the targeting that a part of the release has changed.
    type: bool
    default: false
  stuck_after:
    description:
      - Releases that are longer in their phase than this are in the group C(stuck). In seconds or with a unit, such as V(90s), V(2h) or
        V(3d).
      - Reads C(ld_since), as O(since=true) does.
    type: raw
notes:
  - O(access_token) and O(api_host) may be templates, such as a lookup. No other option of the connection is.
  - With a cache, also C(ld_since) is that of the cached list; the group C(stuck) is worked out anew. The cache is apart for each file,
    instance, token and set of options that select flags, and contains no token.
seealso:
  - module: flagops.launchdarkly.ld_release_progression_info
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# shop.ld_releases.yml: all active releases of a project, and a group of those that have stood still for two days.
# ansible-inventory -i shop.ld_releases.yml --graph
# ansible-playbook -i shop.ld_releases.yml flagops.launchdarkly.release --limit phase_staging --forks 50
plugin: flagops.launchdarkly.ld_releases
project_keys: [shop]
stuck_after: 2d
keyed_groups:
  - prefix: tag
    key: ld_tags
---
# payment.ld_releases.yml: flags without a release pipeline, chosen by a tag, and released through three environments.
plugin: flagops.launchdarkly.ld_releases
project_keys: [shop]
sources: [flags]
tags: [payment]
environments: [test, staging, production]
compose:
  # What the role needs to release them.
  release_environments: ld_environments
groups:
  mine: ld_maintainer == 'jo@example.com'
---
# guarded.ld_releases.yml: what is being watched in production, read once in ten minutes.
plugin: flagops.launchdarkly.ld_releases
project_keys: [shop, checkout]
sources: [flags]
guarded_rollout: monitoring
guarded_rollout_environment_key: production
environments: [production]
release_status: [active, completed]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ld_releases
cache_timeout: 600
"""

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._inventory.plugin import ReleaseInventory


class InventoryModule(ReleaseInventory):
    NAME = "flagops.launchdarkly.ld_releases"
