# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The caller, projects and keys of flags as LaunchDarkly's API writes them, and their translation."""

from __future__ import annotations

import typing as t

from ..._core.libraries import Field
from ..._model.preflight import Caller
from ..reading import WireModel


class WireCaller(WireModel):
    """`CallerIdentityRep` of the OpenAPI document, in which every field is optional."""

    token_kind: t.Optional[str] = Field(default=None, alias="tokenKind")
    member_id: t.Optional[str] = Field(default=None, alias="memberId")
    service_token: t.Optional[bool] = Field(default=None, alias="serviceToken")

    def to_caller(self) -> Caller:
        return Caller(is_service=self.service_token, is_member=bool(self.member_id), token_kind=self.token_kind or None)


class WireKeyed(WireModel):
    """A project or a flag, of which the key is enough."""

    key: str


class WireKeys(WireModel):
    """One page of projects or flags."""

    items: list[WireKeyed]
    total: t.Optional[int] = Field(default=None, alias="totalCount")
