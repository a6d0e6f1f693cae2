# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables as AWX takes them: a text in JSON or YAML that holds a dictionary."""

from __future__ import annotations

import json
from typing import Any

import yaml

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Item


def parse(given: Any) -> Item:
    """The variables, or a ValueError with the answer of AWX."""
    if isinstance(given, dict):
        return given
    if given in ("", '""'):
        return {}
    reasons = []
    for read in (json.loads, yaml.safe_load):
        try:
            variables = read(given)
        except (ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
            reasons.append(str(error))
            continue
        if isinstance(variables, dict):
            return variables
        reasons.append(f"Input type `{type(variables).__name__}` is not a dictionary")
    raise ValueError(f"Cannot parse as JSON (error: {reasons[0]}) or YAML (error: {reasons[1]}).")
