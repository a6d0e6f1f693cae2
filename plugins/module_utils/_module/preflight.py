# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What ld_preflight is asked for, and what it finds around it before any request."""

from __future__ import annotations

import importlib.metadata
import platform
import typing as t
from collections.abc import Mapping
from urllib.parse import urlsplit

from ansible.module_utils import ansible_release

from .._backends.account.api import AccountReaderApi
from .._core.errors import OptionError
from .._core.version import VERSION
from .._http.proxies import choose_proxy
from .._http.recorder import Recorder
from .._model.desired import target_from_options
from .._model.desired_environment import DesiredEnvironmentRelease, EnvironmentTarget, Strategy
from .._model.environment_release import Step
from .._model.flag import EVERYBODY
from .._model.preflight import DesiredPreflight, Surroundings, token_form
from .._model.values import read_key, read_seconds
from .._operations.preflight import PreflightApis, PreflightOperation
from .backend import choose_backend, choose_environment_backend
from .parse import connection_from_options

if t.TYPE_CHECKING:
    from .._http.client import Http
    from .._model.desired import Target

LIBRARIES = ("requests", "urllib3", "pydantic")


def build_preflight(options: Mapping[str, t.Any], http: Http, *, check_mode: bool) -> PreflightOperation:
    desired = preflight_from_options(options, check_mode=check_mode)
    http.transport = recorder = Recorder(http.transport)
    backend = choose_backend(options, http)
    apis = PreflightApis(
        account=AccountReaderApi(http),
        releases=backend.releases,
        definitions=backend.definitions,
        environments=choose_environment_backend(options, http),
    )
    return PreflightOperation(apis, http, recorder, desired, read_surroundings(options))


def preflight_from_options(options: Mapping[str, t.Any], *, check_mode: bool) -> DesiredPreflight:
    """In check mode no record is written."""
    target = target_from_options(options)
    pipeline_key, variation = options["release_pipeline_key"], options["variation"]
    entries = options["environments"] or ()
    if entries and pipeline_key is not None:
        raise OptionError("environments and release_pipeline_key are two kinds of release: remove one of them.")
    return DesiredPreflight(
        target,
        environments=tuple(_entry(item, target, variation) for item in entries),
        pipeline_key=None if pipeline_key is None else read_key("release_pipeline_key", pipeline_key),
        variation=variation,
        dry_run=options["dry_run"],
        record=None if check_mode else options["record"],
    )


def _entry(item: t.Any, target: Target, variation: t.Any) -> DesiredEnvironmentRelease:
    """A key, or an entry of the role's release_environments. What does not decide whether a release can start is ignored."""
    given = dict(item) if isinstance(item, Mapping) else {"environment": str(item).strip()}
    key = given.get("environment")
    if key is None:
        raise OptionError("environments: an entry has no environment. Give a key, or a dictionary with environment.")
    own = given.get("variation")
    return DesiredEnvironmentRelease(
        target=EnvironmentTarget(target.project_key, target.flag_key, read_key("environments", str(key))),
        variation=variation if own is None else own,
        from_variation=given.get("from_variation"),
        strategy=_strategy(given.get("strategy") or Strategy.IMMEDIATE.value),
        steps=tuple(_step(step) for step in given.get("steps") or ()),
        randomization_unit=given.get("randomization_unit") or None,
        plan_key=given.get("release_plan_key") or None,
        segments=_names(given.get("segments")),
        cleanup=given.get("cleanup_behavior") or None,
        before_rule_id=given.get("before_rule_id") or None,
        bypass_health_checks=_names(given.get("bypass_health_checks")),
        request_approval=given.get("request_approval") in (True, "true", "yes"),
        retry_reverted=given.get("retry_reverted") in (True, "true", "yes"),
    )


def _names(given: t.Any) -> tuple[str, ...]:
    """A list, or a text with commas, as the role takes both."""
    items = given.split(",") if isinstance(given, str) else given or ()
    return tuple(str(item).strip() for item in items)


def _strategy(word: t.Any) -> Strategy:
    try:
        return Strategy(word)
    except ValueError:
        known = ", ".join(item.value for item in Strategy)
        raise OptionError(f"environments: strategy is {word!r}, but has to be one of {known}.") from None


def _step(given: t.Any) -> Step:
    try:
        percent = float(str(given["percent"]).strip().rstrip("% "))
        duration = given["duration"]
    except (KeyError, TypeError, ValueError):
        raise OptionError("environments: each of the steps needs percent and duration.") from None
    seconds = read_seconds("environments: duration", duration)
    return Step(round(percent * EVERYBODY / 100), round(seconds * 1000))


def read_surroundings(options: Mapping[str, t.Any]) -> Surroundings:
    connection = connection_from_options(options)
    proxy = choose_proxy(connection)
    return Surroundings(
        versions=(
            ("flagops.launchdarkly", VERSION),
            ("Python", platform.python_version()),
            ("ansible-core", ansible_release.__version__),
            *((name, version) for name in LIBRARIES if (version := _version(name))),
        ),
        api_host=connection.api_host,
        token_form=token_form(connection.access_token),
        proxy=_without_credentials(proxy.url) if proxy else None,
        validate_certs=connection.validate_certs,
    )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _without_credentials(url: str) -> str:
    scheme, _colon, rest = url.partition("://")
    return f"{scheme}://{urlsplit(f'//{rest}').netloc.rpartition('@')[2]}"
