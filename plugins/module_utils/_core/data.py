# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Values of any kind as JSON's own types."""

from __future__ import annotations

import dataclasses
import enum
import math
import typing as t
from collections.abc import Mapping


def to_builtin(value: t.Any) -> t.Any:
    """A copy in JSON's own types that can be written as UTF-8.

    Ansible's containers template what they hold when it is read, a lone surrogate has no UTF-8, and JSON has no NaN.
    """
    if isinstance(value, enum.Enum):
        return to_builtin(value.value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {to_builtin(str(key)): to_builtin(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_builtin(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {field.name: to_builtin(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return to_builtin(str(value))
