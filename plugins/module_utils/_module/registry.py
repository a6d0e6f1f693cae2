# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The modules: which options each has and which operation they ask for."""

from __future__ import annotations

import dataclasses
import typing as t

from .._model.desired import target_from_options
from .._model.desired_environment import environment_filter_from_options, environment_release_from_options
from .._operations.approval_info import ApprovalInfoOperation
from .._operations.environment_info import EnvironmentReleaseInfoOperation
from .._operations.environment_overview import EnvironmentOverviewOperation
from .._operations.environment_release import EnvironmentReleaseOperation
from .._operations.environment_restore import EnvironmentRestoreOperation, EnvironmentStepOperation
from .._operations.flag_copy import FlagCopyOperation
from .._operations.phase import PhaseOperation
from .._operations.pipeline_info import PipelineInfoOperation
from .._operations.progression_info import ProgressionInfoOperation
from .._operations.project_overview import ProjectOverviewOperation
from .._operations.release import ReleaseOperation
from .._operations.release_info import InfoOperation
from .._operations.targeting import TargetingOperation
from . import options as option_groups
from .backend import choose_backend, choose_environment_backend
from .parse import (
    approvals_from_options,
    overview_from_options,
    phase_from_options,
    pipelines_from_options,
    progressions_from_options,
    release_from_options,
    targeting_from_options,
)
from .run import Definition, Operation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _phase(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> PhaseOperation:
    backend = choose_backend(options, http)
    desired = phase_from_options(options)
    apis = (backend.releases, backend.flags, backend.approvals, backend.definitions)
    return PhaseOperation(*apis, http, desired, check_mode=check_mode)


def _info(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> InfoOperation:
    return InfoOperation(choose_backend(options, http).releases, http, target_from_options(options))


def _release(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> ReleaseOperation:
    backend = choose_backend(options, http)
    desired = release_from_options(options)
    return ReleaseOperation(backend.releases, backend.pipelines, backend.flags, http, desired, check_mode=check_mode)


def _targeting(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> TargetingOperation:
    flags = choose_backend(options, http).flags
    return TargetingOperation(flags, http, targeting_from_options(options), check_mode=check_mode)


def _approvals(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> ApprovalInfoOperation:
    return ApprovalInfoOperation(choose_backend(options, http).approvals, http, approvals_from_options(options))


def _pipeline_info(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> PipelineInfoOperation:
    return PipelineInfoOperation(choose_backend(options, http).definitions, http, pipelines_from_options(options))


def _progression_info(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> ProgressionInfoOperation:
    definitions = choose_backend(options, http).definitions
    return ProgressionInfoOperation(definitions, http, progressions_from_options(options))


def _project_overview(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> ProjectOverviewOperation:
    backend = choose_backend(options, http)
    return ProjectOverviewOperation(
        backend.definitions, backend.releases, backend.approvals, http, overview_from_options(options)
    )


def _environment_release(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> EnvironmentReleaseOperation:
    apis = choose_environment_backend(options, http)
    return EnvironmentReleaseOperation(apis, http, environment_release_from_options(options), check_mode=check_mode)


def _environment_step(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> EnvironmentStepOperation:
    apis = choose_environment_backend(options, http)
    desired = environment_release_from_options(options, sweep=options["is_last"], begun=options["is_begun"])
    return EnvironmentStepOperation(apis, http, desired, check_mode=check_mode)


def _environment_restore(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> EnvironmentRestoreOperation:
    absent = {name: option.get("default") for name, option in option_groups.ENVIRONMENT_RELEASE.items()}
    desired = environment_release_from_options({**absent, **options, "state": "rolled_back"})
    apis = choose_environment_backend(options, http)
    snapshots = (options["found"], options["left"])
    return EnvironmentRestoreOperation(apis, http, desired, snapshots, check_mode=check_mode)


def _environment_overview(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> EnvironmentOverviewOperation:
    absent = {name: option.get("default") for name, option in option_groups.ENVIRONMENT_RELEASE.items()}
    entries = [
        environment_release_from_options({**absent, **options, **entry}, sweep=bool(entry.get("is_last")))
        for entry in options["entries"]
    ]
    return EnvironmentOverviewOperation(choose_environment_backend(options, http), http, entries)


def _flag_copy(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> FlagCopyOperation:
    apis = choose_environment_backend(options, http)
    return FlagCopyOperation(apis, http, target_from_options(options), options["environments"], deep=options["deep"])


def _environment_release_info(
    options: Mapping[str, t.Any], http: Http, _check_mode: bool
) -> EnvironmentReleaseInfoOperation:
    apis = choose_environment_backend(options, http)
    return EnvironmentReleaseInfoOperation(apis, http, environment_filter_from_options(options))


def _preflight(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> Operation:
    # Two thousand lines that the process of every other module would have to compile.
    from .preflight import build_preflight  # noqa: PLC0415  see above

    return build_preflight(options, http, check_mode=check_mode)


RELEASE_PHASE = Definition(
    name="flagops.launchdarkly.ld_release_phase",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION, option_groups.TARGET, option_groups.PHASE, option_groups.AUDIENCES, option_groups.WAIT
    ),
    build=_phase,
)

RELEASE_INFO = Definition(
    name="flagops.launchdarkly.ld_release_info",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET),
    build=_info,
)

RELEASE = Definition(
    name="flagops.launchdarkly.ld_release",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.RELEASE),
    build=_release,
    required_if=(("state", "present", ("release_pipeline_key",)),),
)

FLAG_TARGETING = Definition(
    name="flagops.launchdarkly.ld_flag_targeting",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.TARGETING),
    build=_targeting,
)

APPROVAL_REQUEST_INFO = Definition(
    name="flagops.launchdarkly.ld_approval_request_info",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.APPROVAL_FILTERS),
    build=_approvals,
)

RELEASE_PIPELINE_INFO = Definition(
    name="flagops.launchdarkly.ld_release_pipeline_info",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.PROJECT, option_groups.PIPELINE_FILTERS),
    build=_pipeline_info,
)

RELEASE_PROGRESSION_INFO = Definition(
    name="flagops.launchdarkly.ld_release_progression_info",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION, option_groups.PROJECT, option_groups.PROGRESSION_FILTERS
    ),
    build=_progression_info,
)

ENVIRONMENT_RELEASE = Definition(
    name="flagops.launchdarkly.ld_environment_release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION, option_groups.TARGET, option_groups.ENVIRONMENT_RELEASE
    ),
    build=_environment_release,
)

# What only the role knows: for the last audience of an environment, the rules of the earlier ones go too; a release that a run has
# begun is not started again.
ENVIRONMENT_STEP = dataclasses.replace(
    ENVIRONMENT_RELEASE,
    argument_spec=option_groups.merge(
        ENVIRONMENT_RELEASE.argument_spec,
        {"is_last": {"type": "bool", "default": False}, "is_begun": {"type": "bool", "default": False}},
    ),
    build=_environment_step,
)

# Not a module either: brings an environment back to what a run `found` there.
ENVIRONMENT_RESTORE = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.TARGET,
        option_groups.ENVIRONMENT,
        {
            "variation": {"type": "raw", "required": True},
            "found": {"type": "dict", "required": True},
            "left": {"type": "dict"},
            "comment": {"type": "str"},
        },
    ),
    build=_environment_restore,
)

# Nor is this: where each of `entries`, which are options of ENVIRONMENT_RELEASE, stands.
ENVIRONMENT_OVERVIEW = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.TARGET,
        {"entries": {"type": "list", "elements": "dict", "required": True}},
    ),
    build=_environment_overview,
)

# Nor is this: where the releases of a project stand.
PROJECT_OVERVIEW = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.PROJECT,
        {
            "release_pipeline_key": {"type": "str", "no_log": False},
            "flag_keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "with_completed": {"type": "bool", "default": False},
        },
    ),
    build=_project_overview,
)

# Nor is this: the flag itself, in all environments or in those that are named.
FLAG_COPY = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.TARGET,
        {
            "environments": {"type": "list", "elements": "str", "default": []},
            "deep": {"type": "bool", "default": False},
        },
    ),
    build=_flag_copy,
)

ENVIRONMENT_RELEASE_INFO = Definition(
    name="flagops.launchdarkly.ld_environment_release_info",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION, option_groups.TARGET, option_groups.ENVIRONMENT_RELEASE_FILTERS
    ),
    build=_environment_release_info,
)

PREFLIGHT = Definition(
    name="flagops.launchdarkly.ld_preflight",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.PREFLIGHT),
    build=_preflight,
)

MODULES: dict[str, Definition] = {
    definition.name.rpartition(".")[2]: definition
    for definition in (
        RELEASE_PHASE,
        RELEASE_INFO,
        RELEASE,
        RELEASE_PIPELINE_INFO,
        RELEASE_PROGRESSION_INFO,
        FLAG_TARGETING,
        APPROVAL_REQUEST_INFO,
        ENVIRONMENT_RELEASE,
        ENVIRONMENT_RELEASE_INFO,
        PREFLIGHT,
    )
}
