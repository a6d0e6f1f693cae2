# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LaunchDarkly on your own machine, served on the loopback address.

It uses the standard library only and shares no code with the collection's client: a mistake in both would hide itself.
"""

from __future__ import annotations
