# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Text in nested data. Pure."""

from __future__ import annotations

import re
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Callable

_OPENS_TEMPLATE = re.compile(r"\{(?=[{%#])")


def map_text(value: t.Any, change: Callable[[str], str]) -> t.Any:
    """A copy of plain data in which `change` was applied to every text, keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {map_text(key, change): map_text(item, change) for key, item in value.items()}
    return [map_text(item, change) for item in value] if isinstance(value, list) else value


def escape_templates(value: t.Any) -> t.Any:
    """A copy of plain data in which no text is a template.

    Artifacts of a job become extra variables of the next one, and Ansible templates those: a comment written in LaunchDarkly
    must not run code in a job.
    """
    return map_text(value, lambda text: _OPENS_TEMPLATE.sub("{ ", text))
