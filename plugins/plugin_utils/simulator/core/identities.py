# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who acts in the simulator, as LaunchDarkly's documents name them."""

from __future__ import annotations

from .documents import object_id

# The service token that every client of the simulator uses, and whose reviews the admin view adds by default.
TOKEN = {"serviceTokenId": object_id("tokens", "simulator")}
REVIEWER = {"memberId": object_id("members", "reviewer")}
# Another person, whose changes come through the admin view.
MEMBER = {"memberId": object_id("members", "colleague")}
# Assumption: a request that a release files belongs to a member, the one who started the phase.
REQUESTOR = object_id("members", "requestor")
