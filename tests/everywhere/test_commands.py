"""What make and the scripts in `.ci/` do on machines that lack something."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = "Without Chromium there are no browser tests. On Debian or Ubuntu: apt-get install chromium libatomic1\n"
POSTGRESQL = (
    "make prove needs PostgreSQL's server and PgBouncer. On Debian or Ubuntu: apt-get install postgresql pgbouncer\n"
)

PACKAGES = "nginx libnginx-mod-http-brotli-static openssl"
NGINX = f"Without nginx there are no tests behind it. On Debian or Ubuntu: apt-get install {PACKAGES}\n"
SYSTEMD = "Without systemd-analyze there are no tests of deploy/systemd. On Debian or Ubuntu: apt-get install systemd\n"


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


@pytest.mark.parametrize(
    ("name", "line"),
    [("chromium", CHROMIUM), ("postgresql", POSTGRESQL), ("nginx", NGINX), ("systemd", SYSTEMD)],
)
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
    apt = f'echo "$@" >>{tmp_path}/asked; for name in initdb pgbouncer; do /bin/cp /bin/true {tmp_path}/bin/$name; done'
    status, _, error = need(machine, "postgresql", **programs, apt_get=apt)
    assert (status, error) == (
        0,
        "Installing PostgreSQL's server and PgBouncer for make prove: sudo -n apt-get install postgresql pgbouncer\n",
    )
    asked = (tmp_path / "asked").read_text()
    assert asked == "update\ninstall postgresql pgbouncer -y --no-install-recommends\n"


@pytest.mark.parametrize("driver", [0, 1])
def test_chromium_counts_only_with_a_driver_that_starts(machine, tmp_path, driver):
    write(tmp_path / ".venv/bin/playwright", f"exit {driver}")
    programs = {"chromium": "exit 0", "id": "echo 1000", "sudo": "exit 1"}
    assert need(machine, "chromium", **programs) == (driver, "", CHROMIUM if driver else "")


@pytest.fixture
def developed(machine, tmp_path):
    """A machine with the Makefile and its environment, whose tools print how they are called."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    for tool in ("ruff", "djade", "django-upgrade", "mypy", "python"):
        write(tmp_path / ".venv/bin" / tool, f'echo {tool} "$@"')
    for mark in ("python", "dev"):
        (tmp_path / ".venv" / mark).touch()
    for old in tmp_path.glob("requirements/*"):
        os.utime(old, (0, 0))
    return lambda *arguments, **programs: machine(shutil.which("make"), *arguments, **programs)


@pytest.mark.parametrize("has_chromium", [True, False])
def test_only_the_browser_tests_are_left_out_without_chromium(developed, tmp_path, has_chromium):
    write(tmp_path / ".ci/need", f"exit {0 if has_chromium else 1}")
    status, output, _ = developed("test", mkdir="exit 0")
    assert status == 0
    tests, coverage = output.splitlines()
    assert tests.endswith("--ignore tests/prove" if has_chromium else "--ignore tests/browser")
    assert "-m slipcover" in tests
    assert re.search(r"--fail-under 9\d$", coverage)


def test_coverage_has_no_floor_while_the_tests_run():
    assert "fail-under" not in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["slipcover"]


def test_lint_checks_the_scripts_where_npm_is_there_and_says_where_not(developed, tmp_path):
    for tool in ("tsc", "biome"):
        write(tmp_path / "node_modules/.bin" / tool, "exit 0")
    other = {"git": "exit 0", "mktemp": "echo data", "sh": 'exec /bin/sh "$@"'}
    line = "Left out: the scripts in static/js. Their tools need npm; on Debian or Ubuntu: apt-get install nodejs npm"
    status, output, _ = developed("lint", **other)
    assert (status, output.splitlines().count(line)) == (0, 1)
    assert "tsc" not in output
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    touch = f'exec {shutil.which("touch")} "$@"'
    status, output, _ = developed("lint", **other, npm=f'echo "$@" >>{tmp_path}/asked', touch=touch)
    assert (status, line in output) == (0, False)
    assert "node_modules/.bin/tsc" in output
    assert "node_modules/.bin/biome lint" in output
    assert (tmp_path / "asked").read_text().startswith("ci ")


PYTHON = """\
case "$*" in
  "-c import ensurepip, venv") exit 0 ;;
  "-m venv "*) mkdir -p "$3/bin"; printf '#!/bin/sh\\necho "$*" >>asked\\n' >"$3/bin/pip"; cp "$0" "$3/bin/python"
    chmod +x "$3/bin/pip" ;;
  "-m pytest"*) echo "tested" >>asked; exit FAILED ;;
esac"""


@pytest.fixture
def matrix(machine, tmp_path):
    """What runs `make matrix` on a machine with the Pythons that are given by name and script."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/matrix", tmp_path / ".ci")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    tools = {tool: f'exec {shutil.which(tool)} "$@"' for tool in ("dirname", "find", "rm", "mkdir", "cp", "chmod")}
    tools["touch"] = f'exec {shutil.which("touch")} "$@"'
    return lambda **pythons: machine("/bin/sh", ".ci/matrix", **tools, **pythons)


def test_matrix_takes_the_pythons_that_start_and_names_the_others(matrix, tmp_path):
    good = PYTHON.replace("FAILED", "0")
    pythons = {"python3.11": good, "python3.12": good, "python3.13": "echo 'not found' >&2; exit 127"}
    status, output, error = matrix(**pythons)
    assert (status, error) == (0, "")
    told = output.splitlines()
    assert told[:3] == [
        "Python 3.11 with the locked Django",
        "Python 3.12 with the locked Django",
        "Python 3.12 with the next Django",
    ]
    assert told[3:] == [
        f"Passed: {'; '.join(told[:3])}.",
        "Left out: Python 3.13, which is not on this machine; Python 3.14, which is not on this machine.",
    ]
    locked, following = "install -q --require-hashes -r requirements/", "tested"
    asked = [*[f"{locked}dev.txt", following] * 2, f"{locked}dev.txt", f"{locked}next.txt", following]
    assert (tmp_path / "asked").read_text().splitlines() == asked
    matrix(**pythons)
    assert (tmp_path / "asked").read_text().splitlines() == asked + [following] * 3


def test_matrix_fails_where_one_pair_fails(matrix):
    status, output, error = matrix(**{"python3.13": PYTHON.replace("FAILED", "0"), "python3.12": "exit 1"})
    assert status == 0
    status, output, error = matrix(**{"python3.11": PYTHON.replace("FAILED", "1")})
    assert status == 1
    assert error == "Failed: Python 3.11 with the locked Django.\n"
    assert "Passed: Python 3.13 with the locked Django; Python 3.13 with the next Django." in output


def test_matrix_without_any_python_fails(matrix):
    status, output, _ = matrix()
    assert status == 1
    assert output.startswith("Left out: Python 3.11, which is not on this machine; ")


def test_mutate_prints_the_changes_that_nothing_noticed_and_the_share(machine, tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/mutate", tmp_path / ".ci")
    results = {
        "merge.x_one": "killed",
        "merge.x_two": "survived",
        "merge.x_three": "timeout",
        "merge.x_four": "no tests",
    }
    lines = "".join(f"    {name}: {status}\\n" for name, status in {**results, "merge.x_five": "not checked"}.items())
    write(tmp_path / ".venv/bin/mutmut", f'[ "$1" = run ] && echo "$@" || printf "{lines}"')
    tools = {tool: f'exec {shutil.which(tool)} "$@"' for tool in ("awk", "dirname")}
    status, output, _ = machine("/bin/sh", ".ci/mutate", "merge.*", **tools)
    assert status == 0
    assert output.splitlines() == [
        "run --max-children 2 merge.*",
        "    merge.x_two: survived",
        "    merge.x_four: no tests",
        "2 of 4 changes noticed: 50.0 %. To see one: .venv/bin/mutmut show NAME",
    ]


def test_what_is_mutated_is_there():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
    named = options["source_paths"] + options["also_copy"] + options["pytest_add_cli_args_test_selection"]
    assert [name for name in named if not (ROOT / name).exists()] == []
