"""A server with the databases of the newest release, as `./dev release-fixture` kept them."""

import gzip
import importlib.util
import json
import sys
from pathlib import Path

import psycopg
import pytest

from otsp_chassis.revision import newest_revision
from otsp_local.migration_lint import release_folders
from otsp_local.postgres import LocalPostgres
from otsp_local.programs import SERVICES


class Release:
    """What was kept of one release."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.revisions = json.loads((folder / "revisions.json").read_text())
        self.town = json.loads((folder / "town.json").read_text())
        self.statements = json.loads(self.packed("statements.json.gz"))
        self.messages = json.loads(self.packed("messages.json.gz"))

    def packed(self, name):
        return gzip.decompress((self.folder / name).read_bytes()).decode()


@pytest.fixture(scope="session")
def release():
    return Release(release_folders()[-1])


@pytest.fixture(scope="module")
def old(release, tmp_path_factory):
    """The server with the six databases at the release's revisions, filled as it filled them."""
    server = LocalPostgres(tmp_path_factory.mktemp("old"), fsync=False)
    server.start()
    try:
        for name, database in server.ensure_service_databases(SERVICES).items():
            with psycopg.connect(database.owner_url, autocommit=True) as connection:
                connection.execute(release.packed(f"{name}.sql.gz"))
        yield server
    finally:
        server.erase()


@pytest.fixture(scope="session")
def traffic():
    spec = importlib.util.spec_from_file_location(
        "upgrade_traffic", Path(__file__).parent / "traffic.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def next_release(tmp_path, monkeypatch):
    """Makes a package with a service's migrations and one more, whose body is given."""

    def make(service, body, *, contracts=None):
        import otsp_local

        name = (
            f"otsp_{service}_next_{tmp_path.name}".replace("-", "_").replace("[", "_").rstrip("]")
        )
        source = Path(otsp_local.__file__).parents[3] / "services" / service / "src"
        real = source / f"otsp_{service}" / "migrations" / "versions"
        versions = tmp_path / name / "migrations" / "versions"
        versions.mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text("")
        for file in real.glob("*.py"):
            (versions / file.name).write_text(file.read_text())
        head = newest_revision(f"otsp_{service}")
        text = (
            "from alembic import op\n"
            "from otsp_chassis.migrate import create_index_concurrently\n"
            f'revision = "9001_next"\ndown_revision = "{head}"\ncontracts = {contracts!r}\n'
            f"def upgrade():\n{body}"
        )
        (versions / "9001_next.py").write_text(text)
        (versions.parent / "HEAD").write_text("9001_next\n")
        monkeypatch.syspath_prepend(tmp_path)
        return name

    yield make
    for name in [each for each in sys.modules if each.startswith("otsp_staff_next")]:
        del sys.modules[name]
