"""What lets root run a server that refuses root."""

import os
import subprocess

import pytest

from otsp_local.postgres import unprivileged
from otsp_local.processes import Account

STRANGER = Account("stranger", uid=os.getuid() + 1, gid=os.getgid() + 1)


@pytest.fixture
def closed(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def wheel(closed):
    """A server of the wheel's shape: it needs its share folder and its bundled libraries."""
    package = closed / "site" / "package"
    binaries = package / "pginstall" / "bin"
    for folder in (binaries, package / "pginstall" / "share", closed / "site" / "package.libs"):
        folder.mkdir(parents=True)
    (package / "pginstall" / "share" / "text").write_text("shared ")
    (closed / "site" / "package.libs" / "text").write_text("bundled")
    script = binaries / "postgres"
    script.write_text(
        '#!/bin/sh\ncd "$(dirname "$0")" && cat ../share/text ../../../package.libs/text\n'
    )
    script.chmod(0o755)
    return binaries


def test_a_closed_folder_stops_a_stranger_and_not_its_owner(closed):
    assert not unprivileged.can_reach(STRANGER, closed / "data")
    assert unprivileged.can_reach(Account("me", os.getuid(), os.getgid()), closed / "data")


def test_binaries_out_of_reach_are_copied_with_what_they_need(wheel, tmp_path):
    home = tmp_path / "home"
    home.mkdir()

    copied = unprivileged.reachable_binaries(wheel, home, STRANGER)

    assert copied.is_relative_to(home)
    printed = subprocess.run([copied / "postgres"], capture_output=True, text=True, check=True)
    assert printed.stdout == "shared bundled"


def test_binaries_within_reach_stay_where_they_are(wheel, tmp_path):
    assert unprivileged.reachable_binaries(wheel, tmp_path, None) == wheel


def test_the_home_stays_when_a_folder_above_is_opened_or_closed(tmp_path):
    directory = tmp_path / "run" / "postgres"
    before = unprivileged.home_of(directory, None)
    tmp_path.chmod(0o700)

    assert unprivileged.home_of(directory, STRANGER) == before
