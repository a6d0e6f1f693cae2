# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""From JSON to a wire model: the same for every backend."""

from __future__ import annotations

import typing as t

from .._core.errors import InvalidResponse
from .._core.libraries import BaseModel, ConfigDict, ValidationError
from .._core.text import excerpt


class WireModel(BaseModel):
    """A document as LaunchDarkly writes it. Fields that the collection does not use are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=False)


W = t.TypeVar("W", bound=WireModel)


def read(kind: type[W], document: t.Any, method: str, path: str, doing: str) -> W:
    """The answer as a wire model; raises InvalidResponse where it does not fit."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        fields = ", ".join(".".join(str(step) for step in item["loc"]) or "body" for item in error.errors()[:5])
        raise InvalidResponse(
            f"Could not {doing}: unexpected response to {method} {path}: invalid or missing fields: {excerpt(fields, 300)}."
            " Something other than LaunchDarkly may have answered, or the API has changed.",
            method=method,
            path=path,
            status=200,
            outcome_unknown=method != "GET",
            unexpected=True,
        ) from None
