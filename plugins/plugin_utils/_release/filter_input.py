# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What filters over a release share: an input that they cannot use is refused in a sentence."""

from __future__ import annotations

import functools
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Callable


def of_a_release(function: Callable[..., t.Any]) -> Callable[..., t.Any]:
    """A filter whose input is a release as ld_release_info returns it."""

    @functools.wraps(function)
    def checked(release: t.Any, *arguments: t.Any, **named: t.Any) -> t.Any:
        name = function.__name__
        if release is None:
            raise AnsibleFilterError(
                f"{name}: there is no release. Look at exists, which ld_release_info returns, first."
            )
        try:
            return function(release, *arguments, **named)
        except SettingsError as error:
            raise AnsibleFilterError(str(error)) from error
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise AnsibleFilterError(
                f"{name} takes a release as ld_release_info returns it, and cannot read this: {type(error).__name__}: {error}"
            ) from error

    return checked
