# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This documentation fragment is PRIVATE to the collection: it may change in any release.

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and predict what would change without changing anything.
    support: full
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode with the same options, the second run reports no change.
    support: full
    details:
      - Unless somebody or something else changes the release in between.
  action_group:
    description: Use C(group/flagops.launchdarkly.all) in C(module_defaults) to set options for all modules of the collection.
    support: full
    details:
      - Each module takes the options that it knows.
    membership:
      - flagops.launchdarkly.all
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode); the module only reads.
    support: full
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: N/A
    details:
      - The module only reads.
  idempotent:
    description: When run twice in a row outside check mode with the same options, the second run reports no change.
    support: full
    details:
      - The module only reads.
  action_group:
    description: Use C(group/flagops.launchdarkly.all) in C(module_defaults) to set options for all modules of the collection.
    support: full
    details:
      - Each module takes the options that it knows.
    membership:
      - flagops.launchdarkly.all
"""
