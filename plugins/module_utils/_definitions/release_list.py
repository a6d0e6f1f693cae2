# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The list of releases that an inventory is made of: its options, and the operation for them."""

from __future__ import annotations

import typing as t

from .._core.errors import OptionError
from .._model.flag import FlagFilter
from .._model.release_list import FLAGS, PIPELINES, ReleaseListFilter
from .._model.values import read_key
from .._module import options as option_groups
from .._module.parse import filter_value, read_api_host
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.release_list import ReleaseListApis, ReleaseListOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http

SPEC: option_groups.Spec = {
    "project_keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
    "sources": {"type": "list", "elements": "str", "default": [PIPELINES], "choices": [PIPELINES, FLAGS]},
    "release_pipeline_keys": {"type": "list", "elements": "str", "no_log": False},
    "release_status": {"type": "list", "elements": "str", "default": ["active"], "choices": ["active", "completed"]},
    "query": {"type": "str"},
    "tags": {"type": "list", "elements": "str"},
    "guarded_rollout": {
        "type": "str",
        "choices": ["any", "monitoring", "regressed", "rolled_back", "completed", "archived"],
    },
    "guarded_rollout_environment_key": {"type": "str", "no_log": False},
    "environments": {"type": "list", "elements": "str"},
    "variation": {"type": "raw"},
    "details": {"type": "bool", "default": True},
    "since": {"type": "bool", "default": False},
}
# LaunchDarkly's own word.
_GUARDED_WORDS = {"rolled_back": "rolledBack"}


def release_list_from_options(options: Mapping[str, t.Any]) -> ReleaseListFilter:
    sources = _keys(options, "sources")
    environment_keys = _keys(options, "environments")
    if FLAGS in sources and not environment_keys:
        raise OptionError("sources: flags are released through environments: list those, in order, in environments.")
    if FLAGS not in sources and environment_keys:
        raise OptionError("environments is for flags without a release pipeline: add flags to sources.")
    for name in ("project_keys", "sources", "release_status"):
        if not options[name]:
            raise OptionError(f"{name} is empty: remove it, or list what to read.")
    word = options["guarded_rollout"]
    return ReleaseListFilter(
        _keys(options, "project_keys"),
        sources,
        _keys(options, "release_pipeline_keys"),
        _keys(options, "release_status"),
        FlagFilter(
            query=filter_value("query", options["query"]),
            tags=tuple(_tag(tag) for tag in options["tags"] or ()),
            guarded_rollout=_GUARDED_WORDS.get(word, word),
            guarded_environment_key=filter_value(
                "guarded_rollout_environment_key", options["guarded_rollout_environment_key"]
            ),
        ),
        environment_keys,
        options["variation"],
        with_details=options["details"],
        with_since=options["since"],
    )


def _keys(options: Mapping[str, t.Any], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(read_key(name, value) for value in options[name] or ()))


def _tag(value: str) -> str:
    if "+" in value or not filter_value("tags", value):
        raise OptionError("tags must not contain a plus sign: LaunchDarkly separates tags with it.")
    return value


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> ReleaseListOperation:
    backend = choose_pipeline_backend(options, http)
    apis = ReleaseListApis(backend.definitions, backend.releases, backend.flags)
    wanted = release_list_from_options(options)
    return ReleaseListOperation(apis, http, wanted, read_api_host(options["api_host"]))


RELEASE_LIST = Definition(
    name="flagops.launchdarkly.ld_releases",
    argument_spec=option_groups.merge(option_groups.CONNECTION, SPEC),
    build=_build,
)
