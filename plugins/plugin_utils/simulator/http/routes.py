# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the handler for the method and the path of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Generic, TypeVar
from urllib.parse import unquote

from ..core.errors import ApiError, not_found

Handler = TypeVar("Handler")


class Routes(Generic[Handler]):
    """A table of path templates with their methods."""

    def __init__(self, table: Mapping[str, Mapping[str, Handler]]) -> None:
        """Take the table as ``{"/path/{name}": {"GET": handler}}``."""
        self._routes = [(re.compile(_pattern(template)), template, methods) for template, methods in table.items()]

    def find(self, method: str, path: str) -> tuple[str, Handler, dict[str, str]]:
        """Return the template, the handler and the decoded path parts of a request."""
        for pattern, template, methods in self._routes:
            match = pattern.match(path)
            if match is None:
                continue
            if method not in methods:
                raise ApiError(405, "Method not allowed.")
            # Decoded after the path is split, so an encoded slash stays inside its part.
            return template, methods[method], {name: unquote(value) for name, value in match.groupdict().items()}
        raise not_found()


def _pattern(template: str) -> str:
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"\Z"
