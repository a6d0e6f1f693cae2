# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LaunchDarkly does where nothing is published: the choices between the likely answers."""

from __future__ import annotations

from typing import Literal

# `self` is what LaunchDarkly's documentation describes (a phase completes when its work is done), `on_next` what one
# public walk-through reports (starting the next phase completes this one). Unsettled.
Completion = Literal["self", "on_next"]
