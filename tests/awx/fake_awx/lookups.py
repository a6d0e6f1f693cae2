# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects by the filters of a request, as in ?name=x&organization__name=y."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Field, Item, Refused
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.kinds import KINDS
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import Store, targets

_NO_FILTERS = frozenset({"page", "page_size", "order_by"})


def find(store: Store, kind: str, query: Mapping[str, str]) -> list[tuple[str, Item]]:
    """With the kind of each, in the order of AWX: by name, or by age where there is none."""
    found = [(name, item) for name in targets(kind) for item in store.items[name].values()]
    every = {name: value for name, value in query.items() if not name.startswith("or__") and name not in _NO_FILTERS}
    either = {name.removeprefix("or__"): value for name, value in query.items() if name.startswith("or__")}
    for lookup in (*every, *either):
        _check(kind, lookup)
    return sorted(
        [
            (name, item)
            for name, item in found
            if all(_has(store, name, item, lookup, value) for lookup, value in every.items())
            and (not either or any(_has(store, name, item, lookup, value) for lookup, value in either.items()))
        ],
        key=lambda entry: (entry[1].get("name", ""), entry[1]["id"]),
    )


def _check(kind: str, lookup: str) -> None:
    field, _separator, rest = lookup.partition("__")
    fields = [KINDS[name].filters for name in targets(kind) if name in KINDS]
    if field not in {"id", "type"} and not any(field in known for known in fields):
        raise Refused(400, {"detail": f"{kind} has no field named '{field}'"})
    if rest and rest != "in" and not any(rest in _referred(known, field) for known in fields):
        raise Refused(400, {"detail": f"No related model for field {rest}."})


def _referred(fields: Mapping[str, Field], field: str) -> Mapping[str, Field]:
    """The fields of what a reference points to."""
    to = fields[field].to if field in fields else ""
    return KINDS[to].filters if to in KINDS else {}


def _has(store: Store, kind: str, item: Item, lookup: str, wanted: str) -> bool:
    field, _separator, rest = lookup.partition("__")
    value = item.get(field)
    if rest == "in":
        return str(value) in wanted.split(",")
    if rest:
        value = store.items[KINDS[kind].filters[field].to].get(value or 0, {}).get(rest)
    return str(value) == wanted
