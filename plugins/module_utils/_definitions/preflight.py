# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_preflight."""

from __future__ import annotations

import typing as t

from .._module import options as option_groups
from .._module.run import Definition, Operation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> Operation:
    # Two thousand lines that a task of any other module would have to compile.
    from .._module.preflight import build_preflight  # noqa: PLC0415  see above

    return build_preflight(options, http, check_mode=check_mode)


PREFLIGHT = Definition(
    name="flagops.launchdarkly.ld_preflight",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.PREFLIGHT),
    build=_build,
)
