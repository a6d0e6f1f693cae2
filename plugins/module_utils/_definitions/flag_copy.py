# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Reads the flag itself, in all environments or in those that are named. It is not a module."""

from __future__ import annotations

import typing as t

from .._model.desired import target_from_options
from .._module import options as option_groups
from .._module.environment_backend import choose_environment_backend
from .._module.run import Definition
from .._operations.flag_copy import FlagCopyOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> FlagCopyOperation:
    apis = choose_environment_backend(options, http)
    return FlagCopyOperation(apis, http, target_from_options(options), options["environments"], deep=options["deep"])


FLAG_COPY = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.TARGET,
        {
            "environments": {"type": "list", "elements": "str", "default": []},
            "deep": {"type": "bool", "default": False},
        },
    ),
    build=_build,
)
