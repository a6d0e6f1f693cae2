# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""One write of a release in an environment: sent once, and believed only when it is seen."""

from __future__ import annotations

import typing as t

from .._core.errors import ApiError, ReleaseError
from .._decisions import environment_errors as errors
from .._decisions import environment_resolve as resolve
from .._decisions import environment_rules as rules
from .._decisions.approval import is_refused
from .._decisions.environment_actions import Patch, Refuse, RequestApproval, Start, Stop, Write
from .._decisions.environment_next_action import newest_request
from .._decisions.markers import approval_mark, read_release_mark, with_undo_mark
from .._decisions.variations import name_variation
from .._model.flag import RemoveRule, ServeByDefault, SwitchTargeting
from .._model.release import Status
from .converge import Change

if t.TYPE_CHECKING:
    from .._core.errors import LaunchDarklyError
    from .._http.client import Http
    from .._model.desired import EnvironmentTarget
    from .._model.environment_release import EnvironmentRelease
    from .._model.flag import Change as FlagChange
    from .._model.flag import EnvironmentTargeting, Serving
    from .environment_facts import EnvironmentApis, ObservedEnvironment

WRITES = (Patch, Start, Stop, RequestApproval)

# A release from a plan carries no mark, so it is recognised by its time. Two clocks may differ (milliseconds).
CLOCK_TOLERANCE = 5_000

BY = "flagops.launchdarkly"


class EnvironmentWrite(Change[Write]):
    """Sends what a plan asks for, as an approval request if it has to be one; or just one stop, whatever a plan says."""

    def __init__(
        self,
        apis: EnvironmentApis,
        observed: ObservedEnvironment,
        http: Http,
        *,
        as_approval: bool = False,
        stop: Stop | None = None,
    ) -> None:
        super().__init__(http, check_mode=False)
        self._apis = apis
        self._observed = observed
        self._as_approval = as_approval
        self._only_stop = stop
        self._before = self._view()
        self._known_requests = {item.id for item in observed.facts.approvals or ()}
        self._sent_at = observed.facts.now
        self._started_id: str | None = None
        self.sent: Write | None = None

    @property
    def action(self) -> str:
        return self._action

    @property
    def changed(self) -> bool:
        return self._changed

    def run(self) -> None:
        try:
            self._converge()
        except ApiError as error:
            raise self._explain(error) from error
        if isinstance(self.sent, Stop):
            self._changed = self._changed and self._is_ours(self.sent)
        elif self.sent is not None and self._in_doubt:
            # What is seen is either our own, also where the refusal of a second try spoke of it, or somebody else's.
            self._changed = self._took_effect(self.sent)
            self._action = self.sent.name if self._changed else "adopted"

    def _explain(self, error: ApiError) -> LaunchDarklyError:
        """Where somebody else was faster, what they did says more than LaunchDarkly's refusal."""
        if error.conflict and error.documented:
            action = self._observed.decide()
            if isinstance(action, Refuse):
                return action.error
        return errors.explain_refusal(error)

    def _look(self) -> None:
        self._observed.look()

    def _decide(self) -> Write | None:
        if self._only_stop is not None:
            return None if self._took_effect(self._only_stop) else self._only_stop
        action = self._observed.decide()
        if isinstance(action, Refuse):
            raise action.error
        if self._as_approval and isinstance(action, Patch):
            return RequestApproval(action.changes, self._request_text())
        return action if isinstance(action, WRITES) else None

    def _predict(self) -> None:
        raise NotImplementedError("the operation predicts all of its writes at once")

    def _is_satisfied(self) -> bool:
        if self._only_stop is not None:
            return self._took_effect(self._only_stop)
        return not isinstance(self._observed.decide(), (*WRITES, Refuse))

    def _send(self, request: Write) -> None:
        self.sent = request
        self._sent_at = self._observed.facts.now
        if isinstance(request, Patch):
            self._patch(request)
        elif isinstance(request, Start):
            started = self._apis.releases.start_release(self._target, request.release)
            self._started_id = started.id
            self._observed.see_release(started)
        elif isinstance(request, Stop):
            self._stop(request)
        else:
            self._request_approval(request)

    @property
    def _target(self) -> EnvironmentTarget:
        return self._observed.desired.target

    def _patch(self, request: Patch) -> None:
        flag = self._apis.flags.change(
            self._target,
            request.changes,
            self._describe(request),
            comment=self._comment(request),
            # An undo has to work also where a pending change conflicts.
            ignore_conflicts=request.is_undo,
        )
        # An answer that leaves the environment out is no proof, so that a look follows.
        if self._target.environment_key in flag.environments:
            self._observed.see_flag(flag)

    def _stop(self, request: Stop) -> None:
        comment = self._comment(request)
        release = self._apis.releases.stop_release(
            self._target, request.release.id, roll_forward=request.roll_forward, comment=comment
        )
        self._observed.see_release(release)

    def _request_approval(self, request: RequestApproval) -> None:
        desired = self._observed.desired
        created = self._apis.approvals.create_request(
            desired.target,
            request.changes,
            request.description,
            comment=desired.comment,
            notify_member_ids=desired.notify_member_ids,
            notify_team_keys=desired.notify_team_keys,
        )
        self._observed.see_approval(created)

    def _comment(self, request: Patch | Stop) -> str:
        """What the audit log shows. Only an undo that changes something gets this far, so only such a one leaves a mark."""
        desired = self._observed.desired
        is_undo = request.is_undo if isinstance(request, Patch) else not request.roll_forward
        text = self._describe(request)
        comment = desired.comment or f"{text[0].upper()}{text[1:]} ({BY})"
        return with_undo_mark(comment, resolve.audience_word(desired)) if is_undo else comment

    def _request_text(self) -> str:
        desired, flag = self._observed.desired, self._observed.facts.flag
        target = resolve.find_target(flag, desired)
        mark = approval_mark(target.id, desired.target.environment_key, resolve.audience_word(desired))
        to = f" to {', '.join(desired.segments)}" if desired.segments else ""
        return f"Release {name_variation(target)}{to} in {desired.target.environment_key} {mark}"

    def _took_effect(self, request: Write) -> bool:
        if isinstance(request, Patch):
            return all(is_made(change, self._observed.targeting) for change in request.changes)
        releases = self._observed.facts.releases or ()
        if isinstance(request, Start):
            return any(self._is_started(request, release) for release in releases)
        if isinstance(request, Stop):
            return any(item.id == request.release.id and item.is_over for item in releases)
        desired, flag = self._observed.desired, self._observed.facts.flag
        newest = newest_request(self._observed.facts.approvals or (), desired, resolve.find_target(flag, desired))
        return newest is not None and newest.id not in self._known_requests and not is_refused(newest)

    def _is_started(self, request: Start, release: EnvironmentRelease) -> bool:
        """Is it the release that was asked for? Its mark says so; without one, what it releases and when."""
        if release.id == self._started_id:
            return True
        mark = read_release_mark(request.release.description)
        if mark is not None:
            found = [read_release_mark(phase.description) for phase in release.phases]
            return mark in found
        wanted = (request.release.original_variation_id, request.release.target_variation_id)
        is_same = (release.original_variation_id, release.target_variation_id) == wanted
        return is_same and (release.created_at or 0) >= self._sent_at - CLOCK_TOLERANCE

    def _is_ours(self, request: Stop) -> bool:
        """Did the stop end the release? It is answered alike where the release had ended before."""
        release = next(item for item in self._observed.facts.releases or () if item.id == request.release.id)
        wanted, by_hand = (
            (Status.COMPLETED, "completed_manual") if request.roll_forward else (Status.REVERTED, "reverted_manual")
        )
        return release.status is wanted and release.reason in (by_hand, None)

    def _differs(self) -> bool:
        return bool(self._view() != self._before)

    def _view(self) -> t.Any:
        facts = self._observed.facts
        identities = [(item.id, item.status) for item in facts.releases or ()]
        requests = [(item.id, item.review_status, item.status) for item in facts.approvals or ()]
        return facts.flag.environments.get(self._target.environment_key), identities, requests

    def _describe(self, request: Write) -> str:
        """To follow "to"."""
        if isinstance(request, Patch):
            words = {"step": "take the next step of", "roll_back": "roll back", "restore": "restore"}
            return f"{'prepare' if request.comes_first else words.get(request.name, 'release')} {self._target}"
        if isinstance(request, Start):
            return f"start a release of {self._target}"
        if isinstance(request, Stop):
            return (
                f"roll {'forward' if request.roll_forward else 'back'} release {request.release.id} of {self._target}"
            )
        return f"request an approval for {self._target}"

    def _not_applied(self, request: Write) -> ReleaseError:
        return ReleaseError(
            f"LaunchDarkly accepted the request to {self._describe(request)}, but does not show it. Look at the flag in LaunchDarkly"
            " before you run the task again.",
            "not_applied",
        )


def is_made(change: FlagChange, targeting: EnvironmentTargeting) -> bool:
    """Does the flag show the change?"""
    if isinstance(change, SwitchTargeting):
        return targeting.on is change.on
    if isinstance(change, RemoveRule):
        return all(rule.id != change.rule_id for rule in targeting.rules)
    if isinstance(change, ServeByDefault):
        served = targeting.default
        return served is not None and sorted(_shares(served)) == sorted(_shares(change.serving))
    return any(
        rule.enabled and rule.clauses == change.clauses and rules.serves_only(rule, change.variation_id)
        for rule in targeting.rules
    )


def _shares(serving: Serving) -> list[tuple[str, int]]:
    return [(served, serving.share(served)) for served in serving.served]
