"""systemd's own judgment of the units in deploy/systemd."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.prove.process import ROOT

SERVICES = ("clinic-site.service", "clinic-task@backup.service")
UNITS = (*SERVICES, "clinic-tick.timer", "clinic-backup.timer")


@pytest.fixture
def units(tmp_path):
    """The folder of the units, whose program is one of this machine's."""
    folder = tmp_path / "systemd"
    shutil.copytree(ROOT / "deploy/systemd", folder)
    (folder / "clinic-task@backup.service").symlink_to("clinic-task@.service")
    for unit in folder.glob("*.service"):
        unit.write_text(unit.read_text().replace("/srv/clinic/current/.venv/bin/python", sys.executable))
    return folder


def analyze(folder, *command):
    environment = os.environ | {"SYSTEMD_COLORS": "0"}
    done = subprocess.run(
        ["systemd-analyze", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_units_have_no_fault(units):
    assert analyze(units, "verify", *(f"./{unit}" for unit in UNITS)) == (0, "")


def test_fault_in_a_unit_is_found(units):
    with (units / "clinic-.service.d/bounds.conf").open("a") as bounds:
        bounds.write("ProtectSistem=strict\n")
    assert "ProtectSistem" in analyze(units, "verify", "./clinic-site.service")[1]


@pytest.mark.parametrize("service", SERVICES)
def test_little_is_exposed(units, service):
    printed = analyze(units, "security", "--offline=true", "--no-pager", f"./{service}")[1]
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", printed)[1])
    print(f"{service}: {exposure}")
    assert exposure <= 2.0
