# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Marks that this collection leaves in LaunchDarkly's free texts, so that a later run recognises what an earlier one did. Pure.

Nothing is stored between runs. The description of a rule names the release it was made for, the comment of a change in the audit log
says that it was an undo, and the description of an approval request says what it releases.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .._model.flag import Clause

UNDO = "[flagops undo]"
EVERYONE = "everyone"

_RELEASE = re.compile(r"\[flagops ([0-9a-f]{8}) ([0-9a-f]{8}|everyone) ([0-9]{1,9})\]")


@dataclass(frozen=True)
class ReleaseMark:
    """Which request a release or a rule was made by: its hash, its audience, and which attempt it was."""

    request: str
    audience: str
    attempt: int

    def __str__(self) -> str:
        return f"[flagops {self.request} {self.audience} {self.attempt}]"


def read_release_mark(text: str | None) -> ReleaseMark | None:
    found = _RELEASE.search(text or "")
    return ReleaseMark(found[1], found[2], int(found[3])) if found else None


def audience_of(clauses: Iterable[Clause]) -> str:
    """A word for whom these clauses reach within the context kinds they name, whatever the order of clauses and values."""
    conditions = sorted(
        _json([clause.context_kind, clause.attribute, clause.op, sorted(map(_json, clause.values)), clause.negate])
        for clause in clauses
        if not is_kind_clause(clause)
    )
    return digest(conditions) if conditions else EVERYONE


def is_kind_clause(clause: Clause) -> bool:
    """Is it the clause that every release rule needs: that there is a context of one kind?"""
    own_kind = clause.values == (clause.context_kind,)
    return clause.attribute == "kind" and clause.op == "in" and not clause.negate and own_kind


def digest(value: t.Any) -> str:
    """Eight characters that stand for a JSON value. Not for secrets."""
    return hashlib.sha256(_json(value).encode("utf-8", "replace")).hexdigest()[:8]


def _json(value: t.Any) -> str:
    return json.dumps(value, sort_keys=True)


def with_undo_mark(comment: str | None, audience: str = EVERYONE) -> str:
    """The comment of an undo. An undo for one audience leaves the others alone, so it has a mark of its own."""
    return f"{comment} {_undo_mark(audience)}" if comment else _undo_mark(audience)


def has_undo_mark(comment: str, audience: str = EVERYONE) -> bool:
    return _undo_mark(audience) in comment


def _undo_mark(audience: str) -> str:
    return UNDO if audience == EVERYONE else f"[flagops undo {audience}]"


def approval_mark(target_variation_id: str, environment_key: str, audience: str) -> str:
    """What an approval request of ours for this carries in its description."""
    return f"[flagops approval {digest([target_variation_id, environment_key, audience])}]"
