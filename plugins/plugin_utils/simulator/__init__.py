# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LaunchDarkly on your own machine: the release and release pipeline operations, served on loopback.

Standard library only, and nothing of the collection's client: a mistake that both shared would hide itself.
"""

from __future__ import annotations
