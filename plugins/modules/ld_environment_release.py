#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_environment_release
short_description: Release one variation of a flag in one LaunchDarkly environment
version_added: 0.9.0
description:
  - Gives a flag's release in one environment the desired state. It needs no release pipeline.
  - The flag's targeting decides what is left to do, not LaunchDarkly's history of releases, which ends after 90 days. A variation that
    everybody already gets is never released again, whoever released it.
  - A running release of the same variation is waited for, whoever started it. At most one release is started, even if a request or
    an answer is lost.
  - A flag that is off is first set to serve the old variation and turned on, in one change, so that nobody gets the new variation early.
  - What was taken back is not released again by itself. A release that LaunchDarkly or a person reverted, and an undo by this collection,
    fail the task until O(retry_reverted=true). B(What a person undid in LaunchDarkly's user interface after an immediate release
    cannot be detected,) because LaunchDarkly keeps no release of it.
  - The strategies V(progressive), V(guarded) and V(plan) use LaunchDarkly's API for environment releases, which is in beta. The others use
    feature flags alone.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.environment
  - flagops.launchdarkly.wait.approval
  - flagops.launchdarkly.attributes
options:
  state:
    description:
      - V(released) releases the variation with the O(strategy).
      - V(rolled_back) stops a running release of the variation, or makes the default rule serve O(from_variation) and removes the rules
        that ended releases left behind. With O(segments) only the rule of these segments is removed. A flag that is off is left as it is.
      - V(rolled_forward) ends a running release at once, so that everybody in its audience gets the variation.
      - With V(rolled_back) and V(rolled_forward) the options that describe how to release are ignored.
    type: str
    choices: [released, rolled_back, rolled_forward]
    default: released
  variation:
    description:
      - The variation to release, by its ID, name or value.
      - If not set, the variation V(true) of a boolean flag. Required for other flags.
    type: raw
  from_variation:
    description:
      - The variation that the release starts from, and that an undo goes back to, by its ID, name or value.
      - If not set, what the default rule serves, or the off variation while the flag is off. O(strategy=immediate) needs none.
      - For O(state=rolled_back), what the default rule serves unless that is O(variation), else the variation that the newest release
        of O(variation) started from, else the off variation.
    type: raw
  strategy:
    description:
      - V(immediate) releases to everybody, or to the O(segments), with one change.
      - V(percentage) lets the module itself raise the share on the default rule, step by step. It works on every LaunchDarkly plan and
        instance. With O(wait=false) each run takes at most the one step that is due, so run it from a schedule. No share is skipped,
        and each is held for at least its duration. The clock of a step restarts with any other change to the flag in this environment.
      - V(progressive) starts a release that LaunchDarkly takes through the O(steps).
      - V(guarded) does the same and watches O(metrics).
      - V(plan) starts a release from the environment's release plan O(release_plan_key).
    type: str
    choices: [immediate, percentage, progressive, guarded, plan]
    default: immediate
  steps:
    description:
      - The shares of a rollout, in increasing order. After the last step everybody gets the variation.
      - Required for V(percentage), V(progressive) and V(guarded).
    type: list
    elements: dict
    suboptions:
      percent:
        description:
          - The share in percent, from V(0.001) to V(100), or to V(50) for V(guarded), which keeps a control group of the same size.
          - For V(percentage), V(100) ends the rollout.
        type: float
        required: true
      duration:
        description:
          - How long the step lasts, in seconds or as V(90s), V(15m), V(2h) or V(1d).
        type: raw
        required: true
  randomization_unit:
    description:
      - Key of the context kind that a rollout randomizes by.
      - If not set, V(user). Not allowed for O(strategy=plan), where it comes from the plan.
      - An immediate release to O(segments) is restricted to this context kind only if it is set.
    type: str
  metrics:
    description:
      - The metrics that guard the release. Required for O(strategy=guarded).
    type: list
    elements: dict
    suboptions:
      key:
        description: Key of the metric.
        type: str
        required: true
      auto_rollback:
        description:
          - Whether LaunchDarkly rolls the release back when this metric regresses. Otherwise it pauses the release; see O(on_regression).
        type: bool
        default: false
  release_plan_key:
    description:
      - Key of a release plan of this environment. Required for O(strategy=plan), and excludes O(steps), O(metrics), O(randomization_unit),
        O(cleanup_behavior) and O(segments).
    type: str
  segments:
    description:
      - Keys of segments to release to. All of them together are one audience, and everybody else keeps what they get.
      - For O(strategy) V(immediate), V(progressive) and V(guarded).
    type: list
    elements: str
  cleanup_behavior:
    description:
      - What becomes of the rule of a release once it is completed.
      - If not set, V(remove_rules_and_update_default_rule), which leaves the flag as if it had been released by hand. LaunchDarkly's own
        default is V(leave_rules_in_place), which keeps a rule ahead of the default rule and in the way of later releases.
      - With O(segments), V(leave_rules_in_place) is the default, and the other value is refused because it would end with a release to
        everybody.
    type: str
    choices: [remove_rules_and_update_default_rule, leave_rules_in_place]
  before_rule_id:
    description:
      - ID of the rule that the release's rule is placed before. If not set, it is the last rule, and every other rule takes precedence.
    type: str
  bypass_health_checks:
    description:
      - Health checks that may fail. LaunchDarkly refuses to start a release for a flag without recent evaluations, and with metrics that
        receive no events.
    type: list
    elements: str
    choices: [flag_evaluations_any, flag_evaluations_with_context, metric_events_any, metric_events_with_context]
  comment:
    description:
      - A comment for LaunchDarkly's audit log. An undo adds a mark to it, by which later runs recognise the undo.
    type: str
  health_check_timeout:
    description:
      - How long to keep trying to start a release while health checks fail, in seconds or as V(90s), V(15m), V(2h) or V(1d). A refused start
        has created nothing.
    type: raw
    default: 0
  request_approval:
    description:
      - Whether to create an approval request if the environment requires approvals and the token may not bypass them.
      - For O(strategy=immediate) only, because LaunchDarkly documents no approval request that starts a rollout.
      - A second request is never created while one is open. One that was declined fails the task with C(approval_declined) until
        O(retry_reverted=true).
    type: bool
    default: false
  notify_member_ids:
    description:
      - IDs of the members who are notified to review the approval request.
    type: list
    elements: str
  notify_team_keys:
    description:
      - Keys of the teams whose members are notified to review the approval request.
    type: list
    elements: str
  retry_reverted:
    description:
      - Whether to release again what was reverted or undone, and to request an approval again that was declined.
    type: bool
    default: false
  on_regression:
    description:
      - What to do when LaunchDarkly has paused the release because a metric regressed and waits for a person, also with O(wait=false).
      - V(fail) leaves the release as it is. V(roll_back) stops it, and the task still fails. V(wait) keeps waiting.
    type: str
    choices: [fail, roll_back, wait]
    default: fail
  wait:
    description:
      - Whether to wait until the variation is released.
      - The next look is at the end of the current step; for a guarded release at the latest after O(wait_interval), for others at the latest
        after the longer of O(wait_interval) and one minute.
      - Nothing is waited for in check mode.
    type: bool
    default: false
  wait_timeout:
    description:
      - How long to wait before the task fails with C(wait_timeout), in seconds or as V(90s), V(15m), V(2h) or V(1d). The release itself
        continues in LaunchDarkly; a percentage rollout stays at its share.
      - If not set, the sum of the steps plus one hour; for O(strategy=plan) one hour more than its release shows.
    type: raw
  wait_interval:
    description:
      - The longest pause between two looks at a guarded release or an approval request, in seconds or as V(90s), V(15m), V(2h) or V(1d).
    type: raw
    default: 10
notes:
  - Rules that ended releases left behind and that serve another variation keep the new one from the contexts they match. They are removed
    in the same change that releases or prepares. Rules that no release made are left alone.
  - No LaunchDarkly account has confirmed some of what the module relies on. The page
    L(Releases in environments,https://github.com/flagops/flagops.launchdarkly/blob/main/docs/environments.md) lists it.
seealso:
  - module: flagops.launchdarkly.ld_environment_release_info
  - module: flagops.launchdarkly.ld_flag_targeting
  - name: Environment releases
    description: The API behind the strategies progressive, guarded and plan.
    link: https://launchdarkly.com/docs/api/environment-releases-beta
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Release the new cart in the test environment at once
  flagops.launchdarkly.ld_environment_release:
    project_key: shop
    flag_key: new-cart
    environment_key: test

- name: Roll it out in production in three hours, and wait for the end
  flagops.launchdarkly.ld_environment_release:
    project_key: shop
    flag_key: new-cart
    environment_key: production
    strategy: guarded
    steps:
      - percent: 10
        duration: 1h
      - percent: 50
        duration: 2h
    metrics:
      - key: checkout-errors
        auto_rollback: true
    comment: "AWX job {{ awx_job_id | default('none') }}"
    wait: true

- name: Take the step of a percentage rollout that is due, from a schedule
  flagops.launchdarkly.ld_environment_release:
    project_key: shop
    flag_key: new-cart
    environment_key: production
    strategy: percentage
    steps:
      - percent: 5
        duration: 1d
      - percent: 25
        duration: 2d
      - percent: 50
        duration: 2d

- name: Release to the beta customers first
  flagops.launchdarkly.ld_environment_release:
    project_key: shop
    flag_key: new-cart
    environment_key: production
    segments: [beta-customers]

- name: Ask for an approval where one is needed, and apply it once it was given
  flagops.launchdarkly.ld_environment_release:
    project_key: shop
    flag_key: new-cart
    environment_key: production
    request_approval: true
    notify_team_keys: [product]
    wait: true
    on_approval: apply

- name: Take it back
  flagops.launchdarkly.ld_environment_release:
    project_key: shop
    flag_key: new-cart
    environment_key: production
    state: rolled_back
    comment: Errors at checkout
"""

RETURN = r"""
action:
  description:
    - What was done last. V(none) if nothing had to be done; V(start), also for the first share of a percentage rollout and for removing
      rules that keep the variation from somebody; V(step); V(adopted) if somebody else, or an earlier run, had started the release;
      V(request_approval); V(apply); V(stop); V(roll_back).
  returned: always, except for options that cannot be used
  type: str
  sample: start
status:
  description:
    - V(ready_to_start), V(active) (also while an approval is pending), V(paused), V(completed), V(reverted) for a variation that was released
      and taken back, or V(blocked) when something else is in the way.
    - Null if it could not be read.
  returned: always, except for options that cannot be used
  type: str
  sample: active
previous_status:
  description: The status when the task began; null if it could not be read.
  returned: always, except for options that cannot be used
  type: str
  sample: ready_to_start
release:
  description:
    - The environment release that was started, waited for or stopped, else the newest one of the variation if the RV(status) comes from it.
      Null if there is none, or if none had to be looked for.
  returned: always, except for options that cannot be used
  type: dict
  contains:
    id:
      description: ID of the release; null in a prediction.
      type: str
      returned: success
    kind:
      description: V(progressive) or V(guarded).
      type: str
      returned: success
    status:
      description: V(active), V(paused), V(completed), V(reverted), or V(unknown) for a word that this version does not know.
      type: str
      returned: success
    status_raw:
      description: LaunchDarkly's own word for the status.
      type: str
      returned: success
    reason:
      description: LaunchDarkly's reason for the status, for example V(reverted_regression_detected).
      type: str
      returned: success
    original_variation:
      description: The variation that the release started from, with C(id), C(name) and C(value).
      type: dict
      returned: success
    target_variation:
      description: The variation that is released, with C(id), C(name) and C(value).
      type: dict
      returned: success
    randomization_unit:
      description: Key of the context kind that is randomized by.
      type: str
      returned: success
    metrics:
      description: The metrics, each with C(key), C(auto_rollback) and C(status) (V(ok), V(regressed) or V(regression_dismissed)).
      type: list
      elements: dict
      returned: success
    steps:
      description:
        - The steps, each with C(phase) (the audience, from 0), C(percent), C(duration) in seconds, C(started_at) and C(ended_at).
      type: list
      elements: dict
      returned: success
    percent:
      description: The share of the audience that gets the variation now.
      type: float
      returned: success
    next_step_at:
      description: When the current step ends, ISO 8601 in UTC; null while it is paused and after its end.
      type: str
      returned: success
    cleanup_behavior:
      description: What becomes of its rule once it is completed.
      type: str
      returned: success
    created_at:
      description: When it was created, ISO 8601 in UTC.
      type: str
      returned: success
    started_at:
      description: When it was started, ISO 8601 in UTC.
      type: str
      returned: success
    ended_at:
      description: When it ended, ISO 8601 in UTC; null while it runs.
      type: str
      returned: success
targeting:
  description: The flag in this environment at the end of the task, or as predicted in check mode; null if it could not be read.
  returned: always, except for options that cannot be used
  type: dict
  contains:
    "on":
      description: Whether targeting is on.
      type: bool
      returned: success
    default_variation:
      description: What the default rule serves, with C(id), C(name) and C(value); null for a rollout or an experiment.
      type: dict
      returned: success
    percent:
      description: The share of O(variation) on the default rule; 0 while targeting is off.
      type: float
      returned: success
    rules_ahead:
      description: How many enabled rules, other than those of releases, take precedence.
      type: int
      returned: success
    version:
      description: Version of the flag in this environment.
      type: int
      returned: success
    changed_at:
      description: When the flag was last changed in this environment, ISO 8601 in UTC.
      type: str
      returned: success
  sample:
    "on": true
    default_variation: {id: e5717a9a-4f71-41fe-bcab-f0d7f7e001bd, name: "On", value: true}
    percent: 100.0
    rules_ahead: 0
    version: 12
    changed_at: "2026-11-26T10:00:00.000Z"
approvals:
  description:
    - The approval request of this release, if there is one, in the form that M(flagops.launchdarkly.ld_approval_request_info) describes.
  returned: always, except for options that cannot be used
  type: list
  elements: dict
  sample: []
approval_pending:
  description: Whether somebody still has to approve or apply one of RV(approvals).
  returned: always, except for options that cannot be used
  type: bool
  sample: false
waits_until:
  description: When the next step is due, ISO 8601 in UTC; null if none is.
  returned: always, except for options that cannot be used
  type: str
  sample: "2026-11-26T11:00:00.000Z"
undo_recorded:
  description:
    - Whether this task undid something and left a mark of that in LaunchDarkly. An undo that changed nothing leaves no mark, so that a
      later run does not know of it.
  returned: always, except for options that cannot be used
  type: bool
  sample: false
diff:
  description: The release before and after, as far as this task changed it.
  returned: always, except for options that cannot be used
  type: dict
  sample:
    before: {project_key: shop, flag_key: new-cart, environment_key: test, status: ready_to_start, "on": false, percent: 0.0}
    after: {project_key: shop, flag_key: new-cart, environment_key: test, status: completed, "on": true, percent: 100.0}
requests:
  description: How many API requests were made.
  returned: always, except for options that cannot be used
  type: int
  sample: 4
retries:
  description: How often a failure that can pass was answered by trying again.
  returned: always, except for options that cannot be used
  type: int
  sample: 0
waited:
  description: Seconds spent waiting.
  returned: always, except for options that cannot be used
  type: float
  sample: 10800.0
waited_for:
  description: What ended the wait, V(status), or V(approval) (O(on_approval=return)); null if nothing was waited for.
  returned: always, except for options that cannot be used
  type: str
  sample: status
error_code:
  description:
    - LaunchDarkly's own error code where it gave one.
    - Else V(environment_not_found), V(flag_archived), V(variation_not_found), V(segment_not_found), V(other_release_active),
      V(default_rule_in_use), V(release_reverted), V(release_undone), V(no_release_running), V(regression_detected),
      V(health_checks_failed), V(plans_not_available), V(unknown_status), V(wait_timeout), V(approval_required), V(approval_declined),
      V(approval_timeout), V(not_applied), V(connection_failed), V(tls_failed), V(invalid_response), V(insecure_api_host),
      V(missing_library), V(invalid_option), V(server_error), V(http_error) or V(internal_error).
  returned: failure
  type: str
  sample: release_reverted
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
  sample: 400
error:
  description: The failure as data, as M(flagops.launchdarkly.ld_release_phase) describes it.
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_release import (
    ENVIRONMENT_RELEASE,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(ENVIRONMENT_RELEASE)


if __name__ == "__main__":
    main()
