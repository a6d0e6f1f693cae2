# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake of AWX's API: the part that awx_configure.yml and those who launch its templates use. It runs no jobs.

It answers as AWX 24 does, or more strictly where a client's mistake would pass unseen: an unknown field of a body or of a
survey is refused, and so is a default that is no answer.
"""
