"""What make and the scripts in `.ci/` do on machines that lack something."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = "Without Chromium there are no browser tests. On Debian or Ubuntu: apt-get install chromium libatomic1\n"
POSTGRESQL = "make prove needs PostgreSQL's server. On Debian or Ubuntu: apt-get install postgresql\n"


def write(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path):
    """A folder whose programs are all that a command finds there, by name and script; returns what runs a command."""

    def run(*command, **programs):
        for name, script in programs.items():
            write(tmp_path / "bin" / name.replace("_", "-"), script)
        path = {"PATH": str(tmp_path / "bin"), "POSTGRESQL": str(tmp_path)}
        done = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def need(machine, name, **programs):
    return machine("/bin/sh", str(ROOT / ".ci/need"), name, **programs)


@pytest.mark.parametrize(("name", "line"), [("chromium", CHROMIUM), ("postgresql", POSTGRESQL)])
def test_program_that_this_user_may_not_install_is_one_line(machine, name, line):
    programs = {"id": "echo 1000", "sudo": "exit 1", "apt_get": "exit 1"}
    assert need(machine, name, **programs) == (1, "", line)


def test_installing_is_told_before_and_a_failure_after(machine):
    status, _, error = need(machine, "chromium", id="echo 0", true="exit 0", apt_get="echo 'E: no network' >&2; exit 1")
    assert (status, error) == (
        1,
        f"Installing Chromium for the browser tests: apt-get install chromium libatomic1\n{CHROMIUM}",
    )


def test_packages_are_installed_with_sudo_where_that_asks_nothing(machine, tmp_path):
    programs = {"id": "echo 1000", "sudo": 'shift; "$@"', "true": "exit 0"}
    apt = f'echo "$@" >>{tmp_path}/asked; /bin/cp /bin/true {tmp_path}/bin/initdb'
    status, _, error = need(machine, "postgresql", **programs, apt_get=apt)
    assert (status, error) == (
        0,
        "Installing PostgreSQL's server for make prove: sudo -n apt-get install postgresql\n",
    )
    asked = (tmp_path / "asked").read_text()
    assert asked == "update\ninstall postgresql -y --no-install-recommends\n"


@pytest.mark.parametrize("driver", [0, 1])
def test_chromium_counts_only_with_a_driver_that_starts(machine, tmp_path, driver):
    write(tmp_path / ".venv/bin/playwright", f"exit {driver}")
    programs = {"chromium": "exit 0", "id": "echo 1000", "sudo": "exit 1"}
    assert need(machine, "chromium", **programs) == (driver, "", CHROMIUM if driver else "")


@pytest.mark.parametrize("has_chromium", [True, False])
def test_only_the_browser_tests_are_left_out_without_chromium(machine, tmp_path, has_chromium):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    write(tmp_path / ".ci/need", f"exit {0 if has_chromium else 1}")
    write(tmp_path / ".venv/bin/pytest", 'echo "$@"')
    for mark in ("python", "dev"):
        (tmp_path / ".venv" / mark).touch()
    os.utime(tmp_path / "requirements/dev.txt", (0, 0))
    status, output, _ = machine(shutil.which("make"), "test")
    assert status == 0
    assert output.strip().endswith("--ignore tests/prove" if has_chromium else "--ignore tests/browser")
