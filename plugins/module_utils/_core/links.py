# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Addresses of LaunchDarkly's pages for people."""

from __future__ import annotations

from urllib.parse import quote


def flag_page(api_host: str, project_key: str, environment_key: str, flag_key: str) -> str:
    """The address at which LaunchDarkly's web application has long shown a flag in an environment."""
    project, environment, flag = (quote(key, safe="") for key in (project_key, environment_key, flag_key))
    return f"{api_host.rstrip('/')}/{project}/{environment}/features/{flag}"
