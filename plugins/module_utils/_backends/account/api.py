# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls about the token itself, and about what it can see."""

from __future__ import annotations

import typing as t

from ..._http.client import path_of
from ..paging import read_pages
from ..reading import read
from .wire import WireCaller, WireKeyed, WireKeys

if t.TYPE_CHECKING:
    from ..._http.client import Http
    from ..._model.preflight import Caller

# LaunchDarkly's largest page of flags. A thousand keys are enough to find the one that was meant.
PAGE = 100
MOST_KEYS = 1000


class AccountReaderApi:
    """The caller, the projects, and the keys of their flags. Reads only."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get_caller(self) -> Caller:
        path = path_of("caller-identity")
        doing = "ask LaunchDarkly whose token this is"
        return read(WireCaller, self._http.read(path, doing), "GET", path, doing).to_caller()

    def get_project(self, project_key: str) -> str:
        path = path_of("projects", project_key)
        doing = f"read project {project_key}"
        return read(WireKeyed, self._http.read(path, doing), "GET", path, doing).key

    def list_project_keys(self) -> tuple[str, ...]:
        return self._list_keys("list the projects", "projects")

    def list_flag_keys(self, project_key: str) -> tuple[str, ...]:
        return self._list_keys(f"list the flags of project {project_key}", "flags", project_key)

    def _list_keys(self, doing: str, *parts: str) -> tuple[str, ...]:
        def read_page(offset: int) -> tuple[list[str], int | None]:
            path = path_of(*parts, query={"limit": str(PAGE), "offset": str(offset)})
            page = read(WireKeys, self._http.read(path, doing), "GET", path, doing)
            return [item.key for item in page.items], min(page.total or MOST_KEYS, MOST_KEYS)

        return read_pages(doing, read_page, lambda key: key)
