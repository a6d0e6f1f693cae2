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
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .._backends.account.api import AccountReaderApi
from .._core.errors import OptionError
from .._core.version import VERSION
from .._http.proxies import choose_proxy
from .._http.recorder import Recorder
from .._model.desired import target_from_options
from .._model.desired_environment import DesiredEnvironmentRelease, environment_release_from_options
from .._model.preflight import DesiredPreflight, Surroundings, token_form
from .._model.values import read_key
from .._operations.preflight import PreflightApis, PreflightOperation
from . import options as option_groups
from .environment_backend import choose_environment_backend
from .parse import connection_from_options
from .pipeline_backend import choose_pipeline_backend

if t.TYPE_CHECKING:
    from .._http.client import Http
    from .._model.desired import Target

LIBRARIES = ("requests", "urllib3", "pydantic")

# Options of ld_environment_release that the role gives itself, so that an entry has none of them.
NOT_OF_AN_ENTRY = frozenset({"environment_key", "state", "wait", "wait_interval", "on_approval", "approval_timeout"})
ENTRY = {name: option for name, option in option_groups.ENVIRONMENT_RELEASE.items() if name not in NOT_OF_AN_ENTRY}


def build_preflight(options: Mapping[str, t.Any], http: Http, *, check_mode: bool) -> PreflightOperation:
    desired = preflight_from_options(options, check_mode=check_mode)
    http.transport = recorder = Recorder(http.transport)
    backend = choose_pipeline_backend(options, http)
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
    """A key, or an entry of the role's release_environments, read as the options of ld_environment_release are."""
    given = dict(item) if isinstance(item, Mapping) else {"environment": str(item).strip()}
    key = given.pop("environment", None)
    given.pop("name", None)
    if key is None:
        raise OptionError("environments: an entry has no environment. Give a key, or a dictionary with environment.")
    own = given.get("variation")
    options = {
        **{name: _list(name, value) for name, value in given.items() if value is not None},
        "variation": variation if own is None else own,
    }
    if isinstance(given.get("steps"), list):
        options["steps"] = [_step(step) for step in given["steps"]]
    validation = ArgumentSpecValidator(ENTRY).validate(options)
    if validation.error_messages:
        raise OptionError(f"environments, {key}: {validation.errors.msg}")
    keys = {"project_key": target.project_key, "flag_key": target.flag_key, "environment_key": str(key)}
    given_by_role = {name: option_groups.ENVIRONMENT_RELEASE_DEFAULTS[name] for name in NOT_OF_AN_ENTRY}
    try:
        return environment_release_from_options({**given_by_role, **validation.validated_parameters, **keys})
    except OptionError as error:
        raise OptionError(f"environments, {key}: {error.message}") from None


def _list(name: str, value: t.Any) -> t.Any:
    """A text with commas as a list, where the option is one of texts: the role takes both, with spaces."""
    is_text = isinstance(value, str) and option_groups.ENVIRONMENT_RELEASE.get(name, {}).get("elements") == "str"
    return [item.strip() for item in value.split(",")] if is_text else value


def _step(given: t.Any) -> t.Any:
    """A percent may have its sign, as in the role."""
    percent = given.get("percent") if isinstance(given, Mapping) else None
    return {**given, "percent": percent.strip().rstrip("% ")} if isinstance(percent, str) else given


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
