# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A report that fits where job artifacts are kept. It says what was left out. Pure."""

from __future__ import annotations

import json
import typing as t
from functools import partial

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.text import escape_templates, map_text

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Document = dict[str, t.Any]

LIMIT = 512 * 1024

# Room for the description of what was left out.
_RESERVE = 512
_TEXT_LENGTHS = (2000, 500, 120, 40)


def to_artifact(document: Mapping[str, t.Any], limit: int = LIMIT) -> Document:
    """The document in at most `limit` bytes, without templates. It first loses its oldest measurements, then long texts are cut.

    States and verdicts stay.
    """
    shortened: Document = escape_templates(dict(document))
    if size(shortened) <= limit:
        return shortened
    limit -= _RESERVE
    dropped = _drop_measurements(shortened, limit)
    length = _cut_texts(shortened, limit)
    shortened["shortened"] = {"limit_bytes": limit + _RESERVE, "measurements_dropped": dropped, "texts_cut_at": length}
    return shortened


def size(document: t.Any) -> int:
    """Bytes of JSON, with every character escaped that may be."""
    return len(json.dumps(document))


def _drop_measurements(document: Document, limit: int) -> int:
    """Drop as many as needed, the oldest of all checks first, and return how many."""
    over = size(document) - limit
    checks = list(_checks(document))
    oldest_first = sorted(
        ((_age(item), number, item) for number, check in enumerate(checks) for item in check["measurements"]),
        key=lambda entry: entry[:2],
    )
    gone: set[int] = set()
    for _age_of, _number, item in oldest_first:
        if over <= 0:
            break
        # With the comma and the space after it.
        over -= size(item) + 2
        gone.add(id(item))
    for check in checks:
        check["measurements"] = [item for item in check["measurements"] if id(item) not in gone]
    return len(gone)


def _checks(document: Document) -> Iterator[Document]:
    for phase in document["phases"]:
        yield from phase["checks"]


def _age(item: Mapping[str, t.Any]) -> float:
    """Those without a time count as the oldest."""
    return moment(item["at"]).timestamp() if item["at"] else 0.0


def _cut_texts(document: Document, limit: int) -> int | None:
    """Cut texts, shorter each time, until the document fits. Returns the length that they were cut at."""
    for length in _TEXT_LENGTHS:
        if size(document) <= limit:
            return None
        texts = {key: value for key, value in document.items() if not key.startswith("$")}
        document.update(map_text(texts, partial(_cut, length=length)))
        if size(document) <= limit:
            return length
    return _TEXT_LENGTHS[-1]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
