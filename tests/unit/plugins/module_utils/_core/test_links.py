# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of LaunchDarkly's pages."""

from __future__ import annotations

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.links import flag_page


def test_flag_page_quotes_keys() -> None:
    page = flag_page("https://app.launchdarkly.com/", "shop", "a/b", "new cart?")
    assert page == "https://app.launchdarkly.com/shop/a%2Fb/features/new%20cart%3F"
