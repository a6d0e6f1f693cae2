# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A feature flag as LaunchDarkly's API writes it, and its translation."""

from __future__ import annotations

import typing as t

from ..._core.libraries import Field
from ..._model import release as models
from ..reading import WireModel


class _Variation(WireModel):
    id: str = Field(alias="_id")
    name: t.Optional[str] = None
    value: t.Any = None


class _FlagEnvironment(WireModel):
    on: bool


class WireFlag(WireModel):
    """`FeatureFlag` of the OpenAPI document, as far as the collection looks at it."""

    key: str
    variations: list[_Variation]
    environments: t.Optional[dict[str, _FlagEnvironment]] = None

    def to_flag(self) -> models.Flag:
        return models.Flag(
            key=self.key,
            variations=tuple(
                models.Variation(id=item.id, name=item.name, value=item.value) for item in self.variations
            ),
            targeting={key: item.on for key, item in (self.environments or {}).items()},
        )
