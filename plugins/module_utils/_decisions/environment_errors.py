# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Why a release in an environment is refused, or has failed: the fact and the remedy. Pure."""

from __future__ import annotations

import typing as t

from .._core.errors import ApiError, OptionError, ReleaseError
from .._core.text import excerpt
from .._model.release import Status, time_from_millis
from .variations import list_variations, name_variation

if t.TYPE_CHECKING:
    from .._model.desired import EnvironmentTarget
    from .._model.environment_release import EnvironmentRelease
    from .._model.flag import Flag, Rule, Serving, Variation

_RETRY = "retry_reverted: true releases it again."


def environment_not_found(target: EnvironmentTarget, flag: Flag) -> ReleaseError:
    known = ", ".join(sorted(flag.environments))
    return ReleaseError(
        f"The flag {target.flag} has no environment '{target.environment_key}' that can be read."
        f" Check environment_key{f' (there are {known})' if known else ''}, and that the token may view the environment.",
        "environment_not_found",
    )


def flag_archived(target: EnvironmentTarget) -> ReleaseError:
    return ReleaseError(
        f"The flag {target.flag} is archived, so it cannot be released. Restore it in LaunchDarkly, or correct flag_key.",
        "flag_archived",
    )


def segment_not_found(target: EnvironmentTarget, segment_key: str) -> ReleaseError:
    return ReleaseError(
        f"segments: {target.project_key} has no segment '{segment_key}' in {target.environment_key}. Correct segments, or create"
        " the segment in this environment.",
        "segment_not_found",
    )


def variation_required(target: EnvironmentTarget, flag: Flag) -> OptionError:
    return OptionError(
        f"variation is required: {target.flag} is not a boolean flag. It has {list_variations(flag.variations)}."
    )


def same_variation(target: EnvironmentTarget, variation: Variation) -> OptionError:
    return OptionError(
        f"from_variation and variation are both {name_variation(variation)} of {target.flag}: set one of them to another variation."
    )


def origin_unknown(target: EnvironmentTarget, flag: Flag, variation: Variation) -> OptionError:
    return OptionError(
        f"from_variation is required: {target} shows no variation other than {name_variation(variation)} to release from, or to go"
        f" back to. {target.flag} has {list_variations(flag.variations)}."
    )


def other_release_active(target: EnvironmentTarget, flag: Flag, running: EnvironmentRelease) -> ReleaseError:
    return ReleaseError(
        f"{target}: another release is running, to {name_variation(flag.variation(running.target_variation_id))}"
        f" ({running.status_raw}, id {running.id}). Wait until it ends, or stop it first.",
        "other_release_active",
    )


def unlisted_release_active(target: EnvironmentTarget, rule: Rule) -> ReleaseError:
    return ReleaseError(
        f"{target}: the rule '{rule.description}' looks like that of a running release, but LaunchDarkly does not list the release."
        " Check that the token may view it. If no release is running, remove the rule in LaunchDarkly.",
        "other_release_active",
    )


def release_reverted(target: EnvironmentTarget, flag: Flag, release: EnvironmentRelease) -> ReleaseError:
    """Also for one that completed before somebody turned the flag off or set the default rule back."""
    variation = name_variation(flag.variation(release.target_variation_id))
    when = f" at {time_from_millis(release.ended_at)}" if release.ended_at is not None else ""
    if release.status is Status.COMPLETED:
        fact = f"was completed{when}, but is not served any more: somebody turned the flag off or set its default rule back"
    else:
        fact = f"{release.explain()}{when}"
    return ReleaseError(
        f"{target}: the newest release to {variation} (id {release.id}) {fact}. Find out why before you release it again;"
        f" {_RETRY}",
        "release_reverted",
    )


def release_undone(target: EnvironmentTarget, variation: Variation) -> ReleaseError:
    return ReleaseError(
        f"{target}: the last change of targeting was an undo by this collection, as LaunchDarkly's audit log shows. Find out why"
        f" before you release {name_variation(variation)} again; {_RETRY}",
        "release_undone",
    )


def default_rule_in_use(target: EnvironmentTarget, flag: Flag, serving: Serving | None) -> ReleaseError:
    return ReleaseError(
        f"{target}: the default rule serves {describe_serving(flag, serving)}, which this release did not set up. Finish it or set the"
        " default rule to one variation in LaunchDarkly, then run the task again.",
        "default_rule_in_use",
    )


def describe_serving(flag: Flag, serving: Serving | None) -> str:
    if serving is None:
        return "something that this version of the collection cannot read"
    if serving.only is not None:
        return name_variation(flag.variation(serving.only))
    shares = ", ".join(
        f"{serving.share(served) / 1000:g} % {name_variation(flag.variation(served))}" for served in serving.served
    )
    return f"{'an experiment' if serving.is_experiment else 'a rollout'} ({shares})"


def no_release_running(target: EnvironmentTarget, variation: Variation) -> ReleaseError:
    return ReleaseError(
        f"{target}: no release to {name_variation(variation)} is running that could be rolled forward. Start one with state released.",
        "no_release_running",
    )


def unknown_status(target: EnvironmentTarget, release: EnvironmentRelease) -> ReleaseError:
    return ReleaseError(
        f"{target}: release {release.id} has the status '{release.status_raw}', which this version of the collection does not know."
        " Nothing was sent. Look at the release in LaunchDarkly, and for a newer version of the collection.",
        "unknown_status",
    )


def regression_detected(target: EnvironmentTarget, release: EnvironmentRelease, *, stopped: bool) -> ReleaseError:
    metrics = ", ".join(release.regressed_metrics) or "not named by LaunchDarkly"
    if stopped:
        remedy = "It was rolled back (on_regression: roll_back). Fix the cause before you release again."
    else:
        remedy = (
            "It stays at its share until a person decides: dismiss the regression in LaunchDarkly, or stop the release with state"
            " rolled_back or rolled_forward. on_regression: roll_back stops it without asking."
        )
    return ReleaseError(
        f"{target}: LaunchDarkly paused release {release.id} at {release.percent:g} % because of a regression (metric: {metrics})."
        f" {remedy}",
        "regression_detected",
    )


def approval_declined(target: EnvironmentTarget, link: str | None, comment: str | None, word: str) -> ReleaseError:
    said = f" The reviewer wrote: {comment.rstrip('. ')}." if comment else ""
    return ReleaseError(
        f"{target}: the approval request for this release {word}.{said} Nothing was changed; see {link}. Settle it with the reviewer;"
        " retry_reverted: true requests it again.",
        "approval_declined",
    )


def explain_refusal(error: ApiError) -> ApiError:
    """LaunchDarkly's refusal of a write, with what can be done about it."""
    if error.status == 405 and error.code != "approval_required":
        return error.with_code(
            "approval_required",
            "In an environment that requires approvals, use a token whose role has bypassRequiredApproval, or request_approval: true"
            " with strategy immediate.",
        )
    if error.code == "approval_required":
        return error.with_note("With strategy immediate, request_approval: true creates the request.")
    if error.status == 422:
        return error.with_code(
            "plans_not_available",
            "Release plans may not be available for this account. Give the steps in the task, with another strategy than plan.",
        )
    if error.code == "health_checks_failed":
        return error.with_note(
            f"{_failing_checks(error)} health_check_timeout waits for them, bypass_health_checks skips them."
        )
    if error.status == 400 and "duplicate" in error.message:
        return error.with_note(
            "A rule that no release made has the same clauses or description. Remove or change it in LaunchDarkly."
        )
    return error


def _failing_checks(error: ApiError) -> str:
    given = error.details.get("failingChecks")
    checks = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    named = []
    for check in checks:
        metric = f" ({excerpt(str(check['metricKey']), 100)})" if check.get("metricKey") else ""
        kind, message = (excerpt(str(check.get(name) or "no reason"), 300) for name in ("kind", "message"))
        named.append(f"{kind}{metric}: {message.rstrip('. ')}")
    return f"Failing: {'; '.join(named)}." if named else "It does not say which."
