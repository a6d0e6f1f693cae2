# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Which job of which system runs a playbook, by what the system passes to its jobs. Pure."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping

Job = dict[str, t.Optional[str]]


def ran_by(environ: Mapping[str, str], variables: Mapping[str, t.Any]) -> Job | None:
    """`system`, `job`, `user` and `link`, or None outside of a system that is known.

    `environ` is the environment of the controller, `variables` are those of the play: AWX passes the user as an extra variable.
    """
    return _awx(environ, variables) or _github(environ) or _gitlab(environ) or _jenkins(environ)


def _awx(environ: Mapping[str, str], variables: Mapping[str, t.Any]) -> Job | None:
    def given(name: str) -> str | None:
        return next((str(variables[key]) for key in (f"awx_{name}", f"tower_{name}") if variables.get(key)), None)

    host = environ.get("AWX_HOST")
    # JOB_ID alone is too common a name.
    job = given("job_id") or (environ.get("JOB_ID") if host else None)
    if not job:
        return None
    schedule = given("schedule_name")
    user = given("user_name") or (f"schedule {schedule}" if schedule else None)
    return _job("awx", job, user, f"{host.rstrip('/')}/#/jobs/playbook/{job}" if host else None)


def _github(environ: Mapping[str, str]) -> Job | None:
    if environ.get("GITHUB_ACTIONS") != "true":
        return None
    run = environ.get("GITHUB_RUN_ID")
    place = [environ.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY")]
    link = f"{place[0]}/{place[1]}/actions/runs/{run}" if run and all(place) else None
    return _job("github_actions", run, environ.get("GITHUB_TRIGGERING_ACTOR") or environ.get("GITHUB_ACTOR"), link)


def _gitlab(environ: Mapping[str, str]) -> Job | None:
    if not environ.get("GITLAB_CI"):
        return None
    return _job("gitlab_ci", environ.get("CI_JOB_ID"), environ.get("GITLAB_USER_LOGIN"), environ.get("CI_JOB_URL"))


def _jenkins(environ: Mapping[str, str]) -> Job | None:
    """A user is known only with the plugin that sets BUILD_USER_ID."""
    if not environ.get("JENKINS_URL"):
        return None
    number = environ.get("BUILD_NUMBER")
    job = f"{environ.get('JOB_NAME', '')} #{number}".strip() if number else None
    return _job("jenkins", job, environ.get("BUILD_USER_ID"), environ.get("BUILD_URL"))


def _job(system: str, job: str | None, user: str | None, link: str | None) -> Job:
    return {"system": system, "job": job or None, "user": user or None, "link": link or None}
