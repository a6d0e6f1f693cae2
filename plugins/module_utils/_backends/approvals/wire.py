# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""An approval request as LaunchDarkly's API writes it, and its translation."""

from __future__ import annotations

import typing as t

from ..._core.libraries import Field
from ..._model import release as models
from ..._model.release import time_from_millis
from ..reading import WireModel


class _Review(WireModel):
    kind: str
    created: t.Optional[int] = Field(default=None, alias="creationDate")
    comment: t.Optional[str] = None
    member_id: t.Optional[str] = Field(default=None, alias="memberId")
    token_id: t.Optional[str] = Field(default=None, alias="serviceTokenId")


class _Integration(WireModel):
    id: t.Optional[str] = Field(default=None, alias="externalId")
    url: t.Optional[str] = Field(default=None, alias="externalUrl")


class WireApprovalRequest(WireModel):
    """`FlagConfigApprovalRequestResponse` of the OpenAPI document."""

    id: str = Field(alias="_id")
    review_status: str = Field(alias="reviewStatus")
    status: str
    description: t.Optional[str] = None
    created: t.Optional[int] = Field(default=None, alias="creationDate")
    reviews: t.Optional[list[_Review]] = Field(default=None, alias="allReviews")
    notified: t.Optional[list[str]] = Field(default=None, alias="notifyMemberIds")
    applied: t.Optional[int] = Field(default=None, alias="appliedDate")
    service_kind: t.Optional[str] = Field(default=None, alias="serviceKind")
    integration: t.Optional[_Integration] = Field(default=None, alias="integrationMetadata")
    # Of any form; only the address of the page for people is looked for.
    links: t.Optional[dict[str, t.Any]] = Field(default=None, alias="_links")

    def to_request(self, environment_key: str, api_host: str, page: str) -> models.ApprovalRequest:
        """`page` is where people find the flag when the request brings no link of its own."""
        answers = [review for review in self.reviews or () if review.kind != "comment"]
        answer, said = (
            max(given, key=lambda review: review.created or 0, default=None)
            for given in (answers, answers or self.reviews or ())
        )
        site = (self.links or {}).get("site")
        href = site.get("href") if isinstance(site, dict) else None
        own = self.integration.url if self.integration else None
        return models.ApprovalRequest(
            id=self.id,
            environment_key=environment_key,
            review_status=self.review_status,
            status=self.status,
            asked=tuple(self.notified or ()),
            answered_by=tuple(dict.fromkeys(who for item in answers if (who := item.member_id or item.token_id))),
            requested_at=time_from_millis(self.created),
            # An outside service may leave no review; then its answer is known from its being applied.
            answered_at=time_from_millis(answer.created if answer else self.applied),
            comment=said.comment if said else None,
            service_kind=self.service_kind,
            link=own or (api_host + href if isinstance(href, str) and href.startswith("/") else page),
            number=(self.integration.id or None) if self.integration else None,
            description=self.description or "",
        )


class WireApprovalRequests(WireModel):
    """`FlagConfigApprovalRequestsResponse` of the OpenAPI document."""

    items: list[WireApprovalRequest]
