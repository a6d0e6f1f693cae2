#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_release_phase
short_description: Set the status of one phase of a LaunchDarkly release
version_added: 0.1.0
description:
  - Compares the desired status of one phase of a flag's release with the current one, and requests a change only when they differ.
  - Starting a phase (O(status=active)) acts on the flag at once, in the environments of the phase. The phase completes by itself.
  - A phase is started only when LaunchDarkly itself says that it is ready to start.
  - LaunchDarkly has marked release pipelines, and with them this API, as deprecated in October 2026; no date of removal is published.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.wait
  - flagops.launchdarkly.wait.approval
  - flagops.launchdarkly.attributes
options:
  phase:
    description:
      - The phase, by its ID or its exact name.
    type: str
    required: true
  status:
    description:
      - The desired status of the phase.
      - Every status is offered because the endpoint takes any. LaunchDarkly is known to accept V(active) alone for current pipelines; what it
        refuses comes back with its own error code.
    type: str
    choices: [active, not_started, ready_to_start, paused, completed]
    default: active
  strict:
    description:
      - By default O(status=active) is satisfied by a completed phase as well, because a phase that was started completes by itself and
        a second run has to report no change. With V(true) the status has to be equal.
      - With V(true), V(active) is also sent to a paused phase, which is refused with C(phase_paused) otherwise.
    type: bool
    default: false
  audiences:
    description:
      - Settings for audiences of the phase, sent with its start. Only what is given here is sent; LaunchDarkly takes the rest from
        the release pipeline.
      - For O(status=active) only.
    type: list
    elements: dict
    suboptions:
      audience:
        description:
          - The audience, by its ID, its name or the key of its environment.
        type: str
        required: true
      release_guardian_configuration:
        description:
          - Settings of a guarded rollout.
        type: dict
        suboptions:
          monitoring_window_milliseconds:
            description: How long the rollout is monitored, in milliseconds.
            type: int
          rollout_weight:
            description:
              - The share that gets the new variation, in thousandths of a percent; V(50000) is 50 %.
              - V(1) to V(100) are sent with a warning, since they look like a percentage.
            type: int
          rollback_on_regression:
            description: Whether LaunchDarkly rolls back by itself when it detects a regression.
            type: bool
          randomization_unit:
            description: Key of the context kind that is randomized by, for example V(user).
            type: str
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
seealso:
  - module: flagops.launchdarkly.ld_release_info
  - name: Update phase status for release
    description: The endpoint behind this module.
    link: https://launchdarkly.com/docs/api/releases-beta/update-phase-status
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Start the Test phase
  flagops.launchdarkly.ld_release_phase:
    project_key: shop
    flag_key: new-cart
    phase: Test

- name: Start the Production phase and wait up to two hours until it is complete
  flagops.launchdarkly.ld_release_phase:
    project_key: shop
    flag_key: new-cart
    phase: Production
    wait: true
    wait_timeout: 7200

- name: Start a guarded rollout to a tenth of the users, and ask the product team for approval
  flagops.launchdarkly.ld_release_phase:
    project_key: shop
    flag_key: new-cart
    phase: Production
    audiences:
      - audience: production
        release_guardian_configuration:
          rollout_weight: 10000
          monitoring_window_milliseconds: 3600000
          rollback_on_regression: true
          randomization_unit: user
        notify_team_keys:
          - product

- name: Use one connection for several tasks
  module_defaults:
    group/flagops.launchdarkly.all:
      access_token: "{{ vault_launchdarkly_access_token }}"
      api_host: https://app.eu.launchdarkly.com
  block:
    - name: Start the Test phase
      flagops.launchdarkly.ld_release_phase:
        project_key: shop
        flag_key: new-cart
        phase: Test
"""

RETURN = r"""
action:
  description:
    - What was done. V(none) if nothing had to be done, V(start), or V(set_status) for a status other than V(active).
    - V(adopted) if the phase has the desired status because somebody else, or another run, changed it first.
  returned: always, except for options that cannot be used
  type: str
  sample: start
previous_status:
  description: The status of the phase when the task began; null if it could not be read.
  returned: always, except for options that cannot be used
  type: str
  sample: ready_to_start
phase:
  description: The phase at the end of the task, or as predicted in check mode; null if it could not be read.
  returned: always, except for options that cannot be used
  type: dict
  contains:
    id:
      description: The phase's ID.
      type: str
      returned: success
    name:
      description: The phase's name.
      type: str
      returned: success
    index:
      description: The phase's place in the release, from 0.
      type: int
      returned: success
    status:
      description:
        - V(not_started), V(ready_to_start), V(active), V(paused), V(completed), or V(unknown) for a word that this version does not know.
        - Read from RV(phase.started) and RV(phase.complete) for the release of a legacy pipeline, which has no status words.
      type: str
      returned: success
    status_raw:
      description: LaunchDarkly's own word for the status; null if it sent none, and in a prediction.
      type: str
      returned: success
    started:
      description: Whether the phase was started; null if LaunchDarkly does not say.
      type: bool
      returned: success
    complete:
      description: Whether the phase is complete.
      type: bool
      returned: success
    created_at:
      description: When the phase was created, ISO 8601 in UTC. Like every absent value, and every time outside the calendar, it may be null.
      type: str
      returned: success
    started_at:
      description: When the phase was started, ISO 8601 in UTC.
      type: str
      returned: success
    completed_at:
      description: When the phase was completed, ISO 8601 in UTC.
      type: str
      returned: success
    completed_by:
      description: Who completed the phase, with C(kind) (V(member) or V(token)), C(id), C(name) and C(email).
      type: dict
      returned: success
    audiences:
      description:
        - The phase's audiences, each with C(id), C(name), C(environment_key), C(status), C(status_raw), C(strategy), C(require_approval),
          C(segment_keys) and C(release_guardian_configuration).
      type: list
      elements: dict
      returned: success
  sample:
    id: 6f0c0f5e-0000-4000-8000-000000000001
    name: Test
    index: 0
    status: active
    status_raw: active
    started: true
    complete: false
    created_at: "2026-10-26T06:13:20.000Z"
    started_at: "2026-10-26T06:20:00.000Z"
    completed_at:
    completed_by:
    audiences: []
release:
  description: The release at the end of the task, or as predicted in check mode; null if it could not be read.
  returned: always, except for options that cannot be used
  type: dict
  contains:
    project_key:
      description: Key of the project.
      type: str
      returned: success
    flag_key:
      description: Key of the flag.
      type: str
      returned: success
    pipeline_key:
      description: Key of the release pipeline.
      type: str
      returned: success
    pipeline_name:
      description: Name of the release pipeline.
      type: str
      returned: success
    version:
      description: Version of the release; LaunchDarkly raises it with each change.
      type: int
      returned: success
    variation_id:
      description: ID of the variation that is released.
      type: str
      returned: success
    canceled_at:
      description: When the release was canceled, ISO 8601 in UTC; null if it was not.
      type: str
      returned: success
    is_legacy:
      description:
        - Whether its phases have no status words, as those of a legacy pipeline. People mark them as complete, and nothing starts them.
        - Null where it is not known.
      type: bool
      returned: success
    complete:
      description: Whether every phase is complete.
      type: bool
      returned: success
    phases:
      description: The phases in their order, each as in RV(phase).
      type: list
      elements: dict
      returned: success
diff:
  description: The phase before and after, as far as this task changed it.
  returned: always, except for options that cannot be used
  type: dict
  sample:
    before: {project_key: shop, flag_key: new-cart, phase: Test, status: ready_to_start, started: false, complete: false}
    after: {project_key: shop, flag_key: new-cart, phase: Test, status: active, started: true, complete: false}
requests:
  description: How many API requests were made.
  returned: always, except for options that cannot be used
  type: int
  sample: 2
retries:
  description: How often a failure that can pass was answered by trying again.
  returned: always, except for options that cannot be used
  type: int
  sample: 0
waited:
  description: Seconds spent waiting for O(wait_for).
  returned: always, except for options that cannot be used
  type: float
  sample: 4.1
approvals:
  description:
    - The approval requests that the phase waits for, or waited for, in the form that M(flagops.launchdarkly.ld_approval_request_info)
      describes. They are looked for only when an audience of the phase requires approval.
  returned: always, except for options that cannot be used
  type: list
  elements: dict
  sample: []
approval_pending:
  description: Whether one of RV(approvals) still has to be approved or applied.
  returned: always, except for options that cannot be used
  type: bool
  sample: false
waited_for:
  description: What ended the wait, V(status), V(next_phase) or V(approval) (O(on_approval=return)); null if nothing was waited for.
  returned: always, except for options that cannot be used
  type: str
  sample: status
error_code:
  description:
    - LaunchDarkly's own error code where it gave one, for example V(not_found), V(invalid_request), V(unauthorized), V(rate_limited).
    - Else V(phase_not_found), V(phase_ambiguous), V(phase_not_ready), V(phase_paused), V(audience_not_found), V(release_canceled),
      V(unknown_status), V(wait_timeout), V(approval_declined), V(approval_timeout), V(approval_required),
      V(connection_failed), V(tls_failed), V(invalid_response), V(not_applied),
      V(insecure_api_host), V(missing_library), V(invalid_option), V(server_error), V(http_error) or V(internal_error).
  returned: failure
  type: str
  sample: phase_not_ready
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
  sample: 400
error:
  description: The failure as data.
  returned: failure
  type: dict
  contains:
    kind:
      description: V(option), V(release), V(connection), V(api) or V(launchdarkly) (a bug).
      type: str
      returned: failure
    code:
      description: The same as RV(error_code).
      type: str
      returned: failure
    message:
      description: The same as C(msg).
      type: str
      returned: failure
    status:
      description: The same as RV(http_status).
      type: int
      returned: failure
    method:
      description: The method of the failed request.
      type: str
      returned: failure
    path:
      description: The path of the failed request.
      type: str
      returned: failure
    request_id:
      description: LaunchDarkly's ID of the failed request, for its support; null if it sent none.
      type: str
      returned: failure
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(RELEASE_PHASE)


if __name__ == "__main__":
    main()
