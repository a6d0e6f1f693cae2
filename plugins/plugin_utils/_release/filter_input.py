# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What filters over a release, or a release pipeline, share: an input that they cannot use is refused in a sentence."""

from __future__ import annotations

import functools
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Callable


def of_a_release(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """A filter whose input is a release as ld_release_info returns it."""
    return _checked(function, "release", "ld_release_info", "exists")


def of_a_pipeline(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """A filter whose input is a release pipeline as ld_release_pipeline_info returns it."""
    return _checked(function, "release pipeline", "ld_release_pipeline_info", "pipelines")


def _checked(function: Callable[..., t.Any], noun: str, module: str, result: str) -> Callable[..., t.Any]:
    @functools.wraps(function)
    def checked(value: t.Any, *arguments: t.Any, **named: t.Any) -> t.Any:
        name = function.__name__
        if value is None:
            raise AnsibleFilterError(f"{name}: there is no {noun}. Look at {result}, which {module} returns, first.")
        try:
            return function(value, *arguments, **named)
        except SettingsError as error:
            raise AnsibleFilterError(str(error)) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AnsibleFilterError(
                f"{name} takes a {noun} as {module} returns it, and cannot read this: {type(error).__name__}: {error}"
            ) from error

    return checked
