# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the files in examples/ for CI systems and schedules do what the guides say, against a simulator."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import Ansible

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CI, SCHEDULE, PULL = EXAMPLES / "ci", EXAMPLES / "schedule", EXAMPLES / "ansible-pull"

# As each of them starts its shell.
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
SH = ("/bin/sh", "-e", "-c")

STATE = {"projects": {"shop": {"flags": {"new-cart": {"environments": {"staging": {}, "production": {}}}}}}}
SETTINGS = '-e "@releases/$RELEASE.yml"'
STAGING = [
    f"flagops.launchdarkly.doctor {SETTINGS}",
    f"flagops.launchdarkly.release {SETTINGS} --check",
    f"flagops.launchdarkly.release {SETTINGS} -e release_report_dir=reports",
]
PRODUCTION = [f"{STAGING[2]} -e release_confirmed=production"]

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.example.com",
    "GITHUB_REPOSITORY": "shop/releases",
    "GITHUB_RUN_ID": "8001",
}


@dataclass(frozen=True)
class Account:
    """A LaunchDarkly, and a folder to release from."""

    service: Simulator
    folder: Path
    environment: Mapping[str, str]

    def run(self, command: str, *, shell: tuple[str, ...] = SH, code: int = 0, **more: str) -> str:
        return run([*shell, command], self.folder, {**self.environment, **more}, code)

    def served(self) -> list[str]:
        """What each environment serves."""
        environments = self.service.world.state["projects"]["shop"]["flags"]["new-cart"]["environments"]
        return [serves(environments[key]) for key in ("staging", "production")]


def run(command: list[str], folder: Path, environment: Mapping[str, str], code: int = 0) -> str:
    finished = subprocess.run(  # noqa: S603  commands of our own examples
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
    assert finished.returncode == code, finished.stdout
    return finished.stdout


def serves(environment: dict[str, Any]) -> str:
    if not environment["on"]:
        return "off"
    rollout = environment["fallthrough"].get("rollout")
    return f"{rollout['variations'][0]['weight'] // 1000} %" if rollout else "on"


@pytest.fixture
def account(ansible: Ansible) -> Iterator[Account]:
    """With a copy of the files that a CI job has, whose steps take a second, and which take the collection that is here."""
    folder = ansible.folder / "repository"
    shutil.copytree(CI, folder)
    requirements = folder / "requirements.yml"
    requirements.write_text(re.sub(r'version: ".*"', 'version: "*"', requirements.read_text()))
    settings = folder / "releases" / "new-cart.yml"
    settings.write_text(re.sub(r"duration: \w+", "duration: 1s", settings.read_text()))
    # Nothing is fetched: what the job installs is there.
    without_index = {name: value for name, value in ansible.environment.items() if not name.startswith("PIP_")}
    with Simulator(STATE) as service:
        environment = {
            **without_index,
            "PIP_NO_INDEX": "1",
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "RELEASE": "new-cart",
            "LAUNCHDARKLY_API_HOST": service.url,
            "LAUNCHDARKLY_ACCESS_TOKEN": service.access_token,
        }
        yield Account(service, folder, environment)


# CI systems


def github() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((CI / "github-actions" / "release.yml").read_text())
    return document


def gitlab() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((CI / "gitlab-ci" / "gitlab-ci.yml").read_text())
    return document


def github_commands(job: str) -> list[str]:
    return [step["run"] for step in github()["jobs"][job]["steps"] if "run" in step]


def gitlab_commands(job: str) -> list[str]:
    return [*gitlab()["default"]["before_script"], *gitlab()[job]["script"]]


def jenkins_commands(job: str) -> list[str]:
    stages = (CI / "jenkins" / "Jenkinsfile").read_text().split("stage('")
    (stage,) = [text for text in stages if text.startswith(f"{job.title()}')")]
    return re.findall(r"\bsh '([^'\n]*)'", stage)


def test_ci_github_job_reports_and_goes_on_when_approved(account: Account) -> None:
    summary, outputs = account.folder / "summary", account.folder / "outputs"
    files = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    said = ""
    for job in ("staging", "production"):
        shutil.rmtree(account.folder / "reports", ignore_errors=True)
        for command in github_commands(job):
            said += account.run(command, shell=BASH, **GITHUB, **files)
        if job == "staging":
            assert outputs.read_text() == "reason=confirm\n"
            assert account.served() == ["on", "off"]
    assert account.served() == ["on", "on"]
    assert account.service.access_token not in said
    reports = summary.read_text().split("# Release report: shop/new-cart")
    assert [report.split("**")[1] for report in reports[1:]] == ["Stopped.", "Completed."]
    assert all("https://github.example.com/shop/releases/actions/runs/8001" in report for report in reports[1:])


@pytest.mark.parametrize(("job", "expected"), [("staging", STAGING), ("production", PRODUCTION)])
@pytest.mark.parametrize("commands", [github_commands, gitlab_commands, jenkins_commands])
def test_ci_systems_run_the_same_commands(commands: Any, job: str, expected: list[str]) -> None:
    """So what the test above runs holds for all of them."""
    found = [re.sub(r"\s+", " ", command).strip() for command in commands(job)]
    playbooks = [command for command in found if "ansible-playbook" in command]
    assert playbooks == [f"ansible-playbook {command}" for command in expected]
    assert "ansible-galaxy collection install --requirements-file requirements.yml" in found


@pytest.mark.parametrize("commands", [gitlab_commands, jenkins_commands])
def test_ci_commands_pass_the_words_that_are_meant(account: Account, commands: Any) -> None:
    programs = account.folder / "programs"
    programs.mkdir()
    for name in ("ansible-playbook", "ansible-galaxy"):
        (programs / name).write_text(f'#!/bin/sh\necho {name} $# "$@"\n')
        (programs / name).chmod(0o755)
    path = f"{programs}:{account.environment['PATH']}"
    output = "".join(account.run(command, PATH=path) for command in commands("staging"))
    assert [line for line in output.splitlines() if line.startswith("ansible-")] == [
        "ansible-galaxy 4 collection install --requirements-file requirements.yml",
        "ansible-playbook 3 flagops.launchdarkly.doctor -e @releases/new-cart.yml",
        "ansible-playbook 4 flagops.launchdarkly.release -e @releases/new-cart.yml --check",
        "ansible-playbook 5 flagops.launchdarkly.release -e @releases/new-cart.yml -e release_report_dir=reports",
    ]


def test_ci_github_workflow_is_pinned_and_has_few_rights() -> None:
    workflow = github()
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)
    assert workflow["permissions"] == {"contents": "read"}
    # An input inside a command would be run by the shell.
    assert not [step for step in steps if "${{" in step.get("run", "")]
    assert [job["environment"] for job in workflow["jobs"].values()] == ["staging", "production"]
    assert workflow["jobs"]["production"]["if"] == "needs.staging.outputs.reason == 'confirm'"
    with_token = [step for step in steps if "LAUNCHDARKLY_ACCESS_TOKEN" in step.get("env", {})]
    assert with_token == [step for step in steps if "ansible-playbook" in step.get("run", "")]


def test_ci_jobs_of_one_release_follow_each_other() -> None:
    assert github()["concurrency"] == {"group": "release-${{ inputs.release }}", "cancel-in-progress": False}
    assert (gitlab()[".release"]["resource_group"], gitlab()[".release"]["interruptible"]) == (
        "release-$RELEASE",
        False,
    )
    assert "disableConcurrentBuilds()" in (CI / "jenkins" / "Jenkinsfile").read_text()


def test_ci_jenkinsfile_leaves_its_parameters_to_the_shell() -> None:
    """In double quotes Groovy would put them into the command."""
    text = (CI / "jenkins" / "Jenkinsfile").read_text()
    assert 'sh "' not in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["flagops.launchdarkly.release", "-e", "@releases/missing.yml"], 1),
        (["flagops.launchdarkly.no_such_playbook"], 1),
        (["flagops.launchdarkly.release", "--no-such-option"], 2),
        (["flagops.launchdarkly.release", "-e", "@broken.yml"], 4),
    ],
)
def test_exit_code_of_a_command_that_cannot_run(account: Account, arguments: list[str], code: int) -> None:
    """Those of a run are in the tests of the role."""
    (account.folder / "broken.yml").write_text("release_project_key: [")
    account.run(shlex.join(["ansible-playbook", *arguments]), code=code)
    assert account.service.requests == []


# Schedules


@pytest.fixture
def place(account: Account, collections: Path) -> Path:
    """What the guide has in /opt/releases."""
    place = account.folder / "opt"
    shutil.copytree(SCHEDULE, place)
    (place / "env").symlink_to(sys.prefix)
    (place / "collections").symlink_to(collections)
    connection = {key: account.environment[key] for key in ("LAUNCHDARKLY_API_HOST", "LAUNCHDARKLY_ACCESS_TOKEN")}
    (place / "token.env").write_text("".join(f"{key}={value}\n" for key, value in connection.items()))
    return place


def cron(place: Path, table: Path, code: int = 0, **replaced: str) -> str:
    """Run the command of a crontab, as cron does, and return what cron would mail."""
    text = table.read_text()
    variables = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert variables == {"MAILTO": "release-managers@example.com"}
    (command,) = re.findall(r"^(?:[\d*/,-]+ ){5}(.*)$", text, re.MULTILINE)
    assert "%" not in command, "cron makes a line break of it"
    for old, new in {"/opt/releases": str(place), **replaced}.items():
        command = command.replace(old, new)
    environment = {"HOME": str(place), "LOGNAME": "releases", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    return run(["/bin/sh", "-c", command], place, environment, code)


def test_cron_takes_the_step_that_is_due_and_is_silent(account: Account, place: Path) -> None:
    assert cron(place, SCHEDULE / "crontab") == ""
    assert account.served() == ["on", "10 %"]


def test_cron_mails_what_a_failed_run_printed(place: Path) -> None:
    (place / "env").unlink()
    (place / "env" / "bin").mkdir(parents=True)
    program = place / "env" / "bin" / "ansible-playbook"
    program.write_text("#!/bin/sh\necho The check has failed; exit 2\n")
    program.chmod(0o755)
    assert cron(place, SCHEDULE / "crontab", 2) == "The check has failed\nExit code 2\n"


def test_cron_starts_no_run_while_one_goes_on(place: Path) -> None:
    (place / "env").unlink()
    holder = ["flock", str(place / ".new-cart.lock"), "/bin/sh", "-c", "echo held; read line"]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as held:  # noqa: S603  see above
        assert held.stdout is not None
        assert held.stdout.readline() == "held\n"
        # There is no program that it could start.
        assert cron(place, SCHEDULE / "crontab") == ""
        held.communicate("\n")


def unit(kind: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, delimiters=["="])
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the names have capital letters
    parser.read_string((SCHEDULE / f"launchdarkly-release@.{kind}").read_text())
    return parser


def test_systemd_service_takes_the_step_that_is_due(account: Account, place: Path) -> None:
    service = dict(unit("service")["Service"])
    for name, value in service.items():
        service[name] = value.replace("%i", "new-cart").replace("%S", str(place / "state"))
        service[name] = service[name].replace("/opt/releases", str(place))
    (place / "state" / "releases").mkdir(parents=True)
    lines = Path(service["EnvironmentFile"]).read_text().split() + service["Environment"].split()
    environment = dict(line.split("=", maxsplit=1) for line in lines)
    path = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"}
    run(shlex.split(service["ExecStart"]), Path(service["WorkingDirectory"]), {**path, **environment})
    assert account.served() == ["on", "10 %"]
    assert (service["Type"], service["StateDirectory"]) == ("oneshot", "releases")


def test_systemd_timer_starts_the_service_of_its_name() -> None:
    timer = unit("timer")
    assert dict(timer["Timer"]) == {"OnCalendar": "*:0/10", "RandomizedDelaySec": "30"}
    assert dict(timer["Install"]) == {"WantedBy": "timers.target"}


def test_ansible_pull_takes_a_step_of_what_it_fetched(account: Account, place: Path) -> None:
    remote = account.folder / "remote"
    remote.mkdir()
    shutil.copy(PULL / "local.yml", remote)
    names = {
        f"GIT_{who}_{what}": "releases@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    for command in ("git init -q -b main", "git add local.yml", "git commit -q -m Release"):
        run(shlex.split(command), remote, {**account.environment, **names})
    assert cron(place, PULL / "crontab", **{"https://git.example.com/shop/releases.git": f"file://{remote}"}) == ""
    assert account.served() == ["on", "10 %"]
