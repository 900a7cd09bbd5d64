"""What a platform does when there is nothing to do; the whole of it is run by tests/e2e."""

import fcntl

import pytest

from otsp_local import commands
from otsp_local.console import StepFailed
from otsp_local.platform import LocalPlatform
from otsp_local.settings import LocalSettings


@pytest.fixture
def platform(tmp_path):
    return LocalPlatform(LocalSettings(run_dir=tmp_path / "run"))


def test_stopping_what_never_ran_stops_nothing(platform, capsys):
    commands.main(["down"], platform)

    assert "nothing was running" in capsys.readouterr().err


def test_status_says_that_nothing_runs(platform, capsys):
    commands.main(["status"], platform)

    assert "nothing is running" in capsys.readouterr().err


def test_two_commands_on_one_run_directory_do_not_mix(platform):
    platform.run.mkdir()
    with (platform.run / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        with pytest.raises(StepFailed, match=r"Another \./dev command is at work"):
            platform.down()


def test_the_clock_stays_as_at_the_last_start_unless_told_otherwise(platform, tmp_path):
    assert platform.clock_offset_days == 0

    (platform.run).mkdir()
    (platform.run / "clock-offset-days").write_text("-40")

    assert platform.clock_offset_days == -40
    told = LocalPlatform(LocalSettings(run_dir=tmp_path / "run", clock_offset_days=2))
    assert told.clock_offset_days == 2
