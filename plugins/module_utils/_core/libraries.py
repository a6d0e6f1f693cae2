# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The only place that names requests and pydantic, so that a file importing it loads without them."""

from __future__ import annotations

import traceback
import typing as t

if t.TYPE_CHECKING:
    import requests
    import urllib3
    from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
    from requests.adapters import HTTPAdapter

    MISSING: dict[str, str]
else:
    MISSING = {}
    try:
        import requests
        import urllib3
        from requests.adapters import HTTPAdapter
    except Exception:  # a broken installation (a compiled part of another Python) raises more than ImportError
        MISSING["requests"] = traceback.format_exc()
        requests = urllib3 = None
        HTTPAdapter = object
    try:
        from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
    except Exception:  # as above; pydantic 1 has no ConfigDict and lands here too
        MISSING["pydantic >= 2"] = traceback.format_exc()
        BaseModel = object
        ConfigDict = dict
        ValidationError = ValueError

        def Field(**_kwargs):  # noqa: N802 - stands in for pydantic's own name
            return None

        def BeforeValidator(convert):  # noqa: N802 - as above
            return convert

        def model_validator(**_kwargs):
            return lambda method: method


__all__ = [
    "MISSING",
    "BaseModel",
    "BeforeValidator",
    "ConfigDict",
    "Field",
    "HTTPAdapter",
    "ValidationError",
    "model_validator",
    "requests",
    "urllib3",
]
