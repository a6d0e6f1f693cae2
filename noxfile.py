# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What contributors and continuous integration run. "nox --list" shows the sessions; what follows "--" goes to pytest.

A session for another ansible-core than the one that most is tried on has its number at the end: unit, unit-2.21.
"""

from __future__ import annotations

import functools
import os
import runpy
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import antsibull_nox
import nox

# It lets the next import find the checkout.
runpy.run_path(str(Path(__file__).resolve().with_name("conftest.py")))

from ansible_collections.flagops.launchdarkly.tests.tools import ansible_test, checkout, processes  # noqa: E402  as above

nox.needs_version = ">=2026.8"
nox.options.allow_parallel = True
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "unit-2.21"]

antsibull_nox.load_antsibull_nox_toml()

# The first and the last Python 3 that runs each ansible-core.
CORES = {"2.16": (10, 12), "2.17": (10, 12), "2.18": (11, 13), "2.19": (11, 13), "2.20": (12, 14), "2.21": (12, 14)}
# Most is tried on the first; then the newest, and the oldest that meta/runtime.yml promises and the Automation Platform has.
MAIN, NEWEST, OLDEST = "2.19", "2.21", "2.16"

# The oldest Python that a module runs on, and the sanity tests that depend on it. The newest is that of the newest ansible-core.
OLDEST_MODULE_PYTHON = "3.9"
IMPORTS = ("--test", "import", "--test", "compile")
# The folders that users get.
SHIPPED = ("extensions/", "meta/", "playbooks/", "plugins/", "roles/")

# Of the lines under plugins/, how many the unit tests must run, in percent.
COVERAGE_FLOOR = 95


def use_real_interpreters() -> None:
    """A version manager's shim answers "command not found" for every Python but the selected one."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders = [folder for folder in os.get_exec_path() if Path(folder).name != "shims"]
    folders += sorted(map(str, root.glob("versions/3.*/bin")))
    os.environ["PATH"] = os.pathsep.join(folders)


def python_of(core: str) -> str:
    """The oldest Python here that runs it; for the newest ansible-core, the newest."""
    first, last = CORES[core]
    found = [minor for minor in range(first, last + 1) if shutil.which(f"python3.{minor}")] or [first]
    return f"3.{found[-1 if core == NEWEST else 0]}"


use_real_interpreters()
os.environ["UV_PYTHON_DOWNLOADS"] = "never"
UV = os.environ["UV"] = shutil.which("uv", path=str(processes.BIN)) or shutil.which("uv") or "uv"
# What Ansible, Python or git read in our own environment is none of a session's business.
CLEAN = {**dict.fromkeys(os.environ), **processes.clean_environment()}
EVERY_CASE = os.environ.get("EVERY_CASE") == "true"


def on_each_core(*tested: str) -> Callable[[Callable[[nox.Session, str], None]], None]:
    """Make a session for each ansible-core. "make test" runs it on those that are given."""

    def register(function: Callable[[nox.Session, str], None]) -> None:
        for core in CORES:
            name = function.__name__ if core == MAIN else f"{function.__name__}-{core}"
            tags = [f"core-{core}", "test-all", *(["test"] if core in tested else [])]

            @nox.session(name=name, python=python_of(core), tags=tags)
            @functools.wraps(function)
            def run(session: nox.Session, core: str = core) -> None:
                function(session, core)

    return register


once = functools.partial(nox.session, python=python_of(NEWEST), tags=["test", "test-all"])


def install(session: nox.Session, *requirements: str) -> None:
    session.install("--quiet", *requirements, silent=True)


def install_core(session: nox.Session, core: str) -> None:
    files = [f"-rtests/{kind}/requirements.txt" for kind in ("unit", "playbook")]
    install(session, f"ansible-core~={core}.0", "coverage", "pytest-xdist", *files)


def install_automation(session: nox.Session) -> None:
    """What runs playbooks for people who do not run ansible-playbook themselves."""
    install(session, "-r", "tests/automation/requirements.txt", "-r", "requirements.txt")


def pytest(session: nox.Session, folder: str, *options: str, under: Sequence[str] = (), **environment: str) -> None:
    """The tests of a folder, or those given after "--". tests/tools/run_sessions.py counts the results."""
    results = f"--junit-xml={checkout.RESULTS / session.name}/pytest.xml"
    words = ("-m", *under, "pytest", "-q", results, *options, *(session.posargs or [folder]))
    session.run("python", *words, env={**CLEAN, **environment})


# nox starts the sessions in the order in which they stand here: those that take longest first, and those that use one core at a time.


@on_each_core(MAIN)
def playbooks(session: nox.Session, core: str) -> None:
    """Whole runs of ansible-playbook: killed, interrupted, on a terminal, on other hosts"""
    install_core(session, core)
    pytest(session, "tests/playbook", "-n3")


@once()
def awx(session: nox.Session) -> None:
    """What awx_configure makes, on a fake of AWX, and its jobs, run by ansible-runner"""
    install_automation(session)
    modules, oldest = checkout.CACHE / "awx" / "modules", checkout.CACHE / "awx" / OLDEST
    session.run(
        UV, "pip", "install", "-q", "--no-deps", "--target", modules, "-r", "tests/awx/modules.txt", external=True
    )
    session.run(UV, "venv", "-q", "--allow-existing", "-p", python_of(OLDEST), oldest, external=True)
    core = (f"ansible-core~={OLDEST}.0", "-r", "requirements.txt")
    session.run(UV, "pip", "install", "-q", "-p", oldest / "bin" / "python", *core, external=True)
    pytest(session, "tests/awx", AWX_COLLECTIONS=str(modules), AWX_OLDEST=str(oldest / "bin"))


@once()
def build(session: nox.Session) -> None:
    """Build the collection into dist/, have galaxy-importer check it, install it elsewhere, and run a play and the guides from there"""
    install(session, "-r", "tests/build/requirements.txt", "-r", "requirements.txt")
    pytest(session, "tests/build", ARTIFACT_DIST=str(checkout.ROOT / "dist"))


@on_each_core(MAIN, NEWEST)
def unit(session: nox.Session, core: str) -> None:
    """The unit tests; on the newest ansible-core with a floor of coverage, on others what may depend on them"""
    install_core(session, core)
    if core != NEWEST or session.posargs:
        every = EVERY_CASE or bool(session.posargs) or not shutil.which(f"python{python_of(NEWEST)}")
        pytest(session, "tests/unit", *(["-n2"] if every else []), ONLY_CORE=str(not every).lower())
        return
    # Since Python 3.12, this way of counting costs next to nothing.
    data = {"COVERAGE_FILE": f"{checkout.CACHE}/coverage", "COVERAGE_CORE": "sysmon"}
    pytest(session, "tests/unit", under=("coverage", "run", "-m"), **data)
    session.run("coverage", "report", "--skip-covered", f"--fail-under={COVERAGE_FLOOR}", env={**CLEAN, **data})


@on_each_core(MAIN, NEWEST, OLDEST)
def integration(session: nox.Session, core: str) -> None:
    """The integration targets, on a simulator"""
    install_core(session, core)
    every = EVERY_CASE or core == MAIN
    options = [] if every else ["-k", "not on_next"]
    pytest(session, "tests/integration", "-n2", *options, EVERY_CASE=str(every).lower())


@on_each_core(MAIN, NEWEST)
def sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity, with nothing ignored; on the main ansible-core for the oldest Python of a module too"""
    install(session, f"ansible-core~={core}.0")
    home = checkout.CACHE / session.name
    tree = ansible_test.prepare(home, UV)
    try:
        with session.chdir(tree):
            for options in sanity_options(session, core):
                command = ("ansible-test", "sanity", "--venv", "--junit", "--color", "no", *options, *session.posargs)
                session.run(*command, env={**CLEAN, "HOME": str(home)})
    finally:
        ansible_test.keep_results(tree, checkout.RESULTS / session.name)


def sanity_options(session: nox.Session, core: str) -> list[list[str]]:
    """Those of each run. What is the same on each ansible-core and each Python runs once, and everything with "make test-all"."""
    python = ["--python", str(session.python)]
    if EVERY_CASE or session.posargs:
        return [[] if core == MAIN else python]
    if core != MAIN:
        return [[*python, *SHIPPED]]
    has_oldest = bool(shutil.which(f"python{OLDEST_MODULE_PYTHON}"))
    # On the newest ansible-core, the newest Python imports what users get, and pylint reads it.
    skipped = ("pylint", "import") if has_oldest else ("pylint",)
    most = [*python, *(word for name in skipped for word in ("--skip-test", name))]
    others = [*python, "--test", "pylint", *(word for folder in SHIPPED for word in ("--exclude", folder))]
    return [most, others, *([["--python", OLDEST_MODULE_PYTHON, *IMPORTS]] if has_oldest else [])]


@once()
def events(session: nox.Session) -> None:
    """Rulebooks, with LaunchDarkly's webhooks posted on this machine"""
    install_automation(session)
    pytest(session, "tests/events")


@once()
def ee(session: nox.Session) -> None:
    """What an execution environment is built from, and ansible-navigator"""
    install_automation(session)
    pytest(session, "tests/ee")


@once()
def notebook(session: nox.Session) -> None:
    """The runbook, from top to bottom"""
    install_automation(session)
    pytest(session, "tests/notebook")


@once()
def docs(session: nox.Session) -> None:
    """The documentation site, into .cache/site/"""
    install(session, "-r", "tests/docs/requirements.txt")
    pytest(session, "tests/docs")


@once(requires=["extra-checks"])
def lint(session: nox.Session) -> None:
    """ruff, mypy, yamllint, ansible-lint, the licences, the option documentation, the changelog, the workflows"""
    install(session, "-r", "tests/lint/requirements.txt")
    pytest(session, "tests/lint", "-n2")


@once()
def demo(session: nox.Session) -> None:
    """Start the phases of a release, on a LaunchDarkly of your own (DEMO_FLAG=project/flag: on your account)"""
    install(session, "ansible-core>=2.16", "-r", "requirements.txt")
    module = "ansible_collections.flagops.launchdarkly.tests.tools.demo"
    session.run("python", "-m", module, env={"PYTHONPATH": str(checkout.collections_path())})


@nox.session(venv_backend="none")
def dev(session: nox.Session) -> None:
    """What an editor and plain pytest need, into .venv"""
    files = [f"-rtests/{kind}/requirements.txt" for kind in ("unit", "playbook", "lint")]
    if not Path(".venv/bin/python").exists():
        session.run(UV, "venv", "--quiet", ".venv")
    session.run(UV, "pip", "install", "--quiet", "--python", ".venv", f"ansible-core~={MAIN}.0", "pre-commit", *files)


@nox.session(python=python_of(MAIN))
def bench(session: nox.Session) -> None:
    """What tasks and releases cost, beside what they are made of"""
    # The targets are for this one; a task of Ansible's own costs more on later ones.
    install(session, f"ansible-core~={MAIN}.0", "-r", "requirements.txt")
    module = "ansible_collections.flagops.launchdarkly.tests.bench.bench"
    session.run("python", "-m", module, *session.posargs, env={**CLEAN, "PYTHONPATH": str(checkout.collections_path())})


@nox.session(name="bench-many", python=python_of(NEWEST))
def bench_many(session: nox.Session) -> None:
    """What hundreds of flags cost under a rate limit, beside the least that they can cost"""
    install(session, "ansible-core>=2.16", "-r", "requirements.txt")
    module = "ansible_collections.flagops.launchdarkly.tests.bench.many"
    session.run("python", "-m", module, *session.posargs, env={**CLEAN, "PYTHONPATH": str(checkout.collections_path())})
