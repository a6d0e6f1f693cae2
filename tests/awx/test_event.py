# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook of LaunchDarkly's that starts a job template of AWX's."""

from __future__ import annotations

import json
import shutil

import pytest

from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place
from ansible_collections.flagops.launchdarkly.tests.events import rulebooks
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator


@pytest.mark.skipif(not shutil.which("java"), reason="the system has no Java, which ansible-rulebook runs on")
def test_an_event_starts_the_job_template_for_one_step(
    configured: Configured, place: Place, launchdarkly: Simulator
) -> None:
    awx = configured.awx
    before = set(awx.items["jobs"])
    controller = ("--controller-url", awx.url, "--controller-token", awx.token)
    with rulebooks.engine(place.artifact, "release_job", launchdarkly, *controller) as engine:
        body, signature = rulebooks.signed(rulebooks.event("updateReleasePhaseStatus"))
        assert engine.post(body, None) == 400
        assert engine.post(body, signature) == 200
        engine.until(lambda: bool(awx.items["jobs"].keys() - before), "the job that an event starts")
    (job,) = [job for id_, job in awx.items["jobs"].items() if id_ not in before]
    assert job["name"] == "LaunchDarkly release"
    wanted = {
        "release_project_key": "demo",
        "release_flag_key": "new-checkout",
        "release_until": "",
        "release_wait": "false",
        "release_on_approval": "return",
    }
    assert wanted.items() <= json.loads(job["extra_vars"]).items()
