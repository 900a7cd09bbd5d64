"""Six services in one process on real databases, an edge in front, a LocalBus between."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from otsp_chassis.service import Service
from otsp_cli.dossier.gateway import Gateway
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_testkit import PlatformKit, ServiceKit

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")


@pytest.fixture(scope="session")
def kits(make_kit: Callable[[Service], ServiceKit]) -> PlatformKit:
    return PlatformKit([make_kit(import_module(f"otsp_{name}.app").service) for name in SERVICES])


@pytest.fixture
def platform(kits: PlatformKit) -> Iterator[PlatformKit]:
    yield kits
    failed = kits.set_aside()
    kits.clean()
    assert failed == [], "an event failed somewhere"


@pytest.fixture
def supervision(platform: PlatformKit, tmp_path: Path) -> Supervision:
    """The supervising side, beginning with the one account that no one can register."""
    from otsp_auth.bootstrap import ensure_national_admin

    accounts = Accounts(tmp_path / "accounts.json")
    password = "Aa1-national-admin"
    ensure_national_admin("national-admin", password, runtime=platform.kits["auth"].runtime)
    accounts.keep("national_admin", username="national-admin", password=password)
    return Supervision(Gateway(platform.http()), accounts)


@pytest.fixture
def load(platform: PlatformKit, supervision: Supervision) -> Callable[..., list[dict[str, object]]]:
    """Load dossiers as `otsp dossier` does, while all background halves run."""

    def run(dossiers: list[object], **options: object) -> list[dict[str, object]]:
        with platform.working():
            chosen = Options(**{"is_self_check": False, **options})
            loader = Loader(
                Gateway(platform.http()), supervision, options=chosen, say=lambda _: None
            )
            return list(loader.results(dossiers))

    return run
