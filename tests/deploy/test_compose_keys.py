"""What docker-compose.yml is given: made once, guarded by its folder, chosen by profile."""

import stat

import pytest

from otsp_local.compose_secrets import ComposeSecrets, database_statements
from otsp_local.console import StepFailed


@pytest.fixture
def secrets(tmp_path):
    return ComposeSecrets(tmp_path / "keys")


def contents(secrets):
    return {path: path.read_bytes() for path in secrets.folder.rglob("*") if path.is_file()}


def test_a_second_time_changes_nothing(secrets):
    secrets.ensure()
    before = contents(secrets)

    secrets.ensure()

    assert contents(secrets) == before


def test_the_folder_is_its_owners_alone(secrets):
    secrets.ensure()

    assert stat.S_IMODE(secrets.folder.stat().st_mode) == 0o700
    for path in secrets.folder.glob("*.env"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_optional_services_are_told_of_when_they_are_chosen(secrets):
    secrets.ensure()
    assert (secrets.folder / "optional.env").read_text() == ""

    secrets.ensure(["s3", "clamav"])
    secrets.ensure()

    lines = (secrets.folder / "optional.env").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines)
    assert secrets.chosen == ["clamav", "s3"]
    assert told.keys() == {
        "OTSP_CLAMD_ADDRESS",
        *(f"OTSP_S3_{name}" for name in ("ENDPOINT", "BUCKET", "REGION")),
        *(f"OTSP_S3_{name}_KEY" for name in ("ACCESS", "SECRET")),
    }


def test_an_unknown_profile_is_named(secrets):
    with pytest.raises(StepFailed, match="no profile ftp"):
        secrets.ensure(["ftp"])


def test_statements_are_what_psql_can_run():
    statements = database_statements("staff", {"otsp_staff_owner": "x", "otsp_staff_app": "y"})

    assert statements.count("\\connect otsp_staff") == 1
    assert all(each.endswith((";", "\\gexec")) or each.startswith("\\") for each in statements)
    assert "ALTER ROLE otsp_staff_app PASSWORD 'y';" in statements
