"""The pytest plugin: servers once a session, a clean database for every test."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from xdist.remote import Producer

from otsp_chassis.service import Service
from otsp_local import fonts
from otsp_local.postgres import LocalPostgres
from otsp_testkit import scheduling
from otsp_testkit.broker import Broker, broker_for_tests
from otsp_testkit.browsers import started_chromium
from otsp_testkit.demonstration import Demo, DemoSettings, demonstration
from otsp_testkit.keys import KeyFiles, write_key_files
from otsp_testkit.object_store import ObjectStore, object_store_for_tests
from otsp_testkit.service_kit import ServiceKit

MakeKit = Callable[..., ServiceKit]

# No test judges how fast a machine is, and the first value of all loads tables.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPostgres]:
    """A server of this session's own; when none can be had, every test that asks fails."""
    server = LocalPostgres(tmp_path_factory.mktemp("postgres"), fsync=False)
    server.start()
    yield server
    server.erase()


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    return write_key_files(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def make_kit(
    postgres: LocalPostgres, key_files: KeyFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeKit]:
    """Makes the kit of a service, with settings that differ from the defaults; each made once."""
    kits: dict[tuple[str, str], ServiceKit] = {}

    def make(service: Service, **settings: object) -> ServiceKit:
        wanted = (service.name, repr(sorted(settings.items())))
        if wanted not in kits:
            files_dir: Path = tmp_path_factory.mktemp(f"files-{service.name}")
            kits[wanted] = ServiceKit(
                service, postgres, keys=key_files, files_dir=files_dir, settings=settings
            )
        return kits[wanted]

    yield make
    for kit in kits.values():
        kit.close()


@pytest.fixture(scope="session")
def chinese_font() -> None:
    """For watermarks; the tests that need one fail where it cannot be had."""
    fonts.install_if_missing()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Where none can be had, the tests that open pages fail."""
    with started_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """TEST_S3_ENDPOINT, else a SeaweedFS of this session's own."""
    with object_store_for_tests(tmp_path_factory.mktemp("weed")) as store:
        yield store


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """TEST_AMQP_URL, else a RabbitMQ of this session's own; when neither, its tests fail."""
    with broker_for_tests(tmp_path_factory.mktemp("rabbitmq")) as broker:
        yield broker


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Demo:
    """One for all that asks the platform from outside; each test bears what others did there."""
    given = DemoSettings().run_dir
    if given is not None:
        return Demo(given, [])
    settings = {"OTSP_AUTH_TEXT_PAUSE_SECONDS": "0"}  # a test registers and forgets at once
    running = demonstration(tmp_path_factory.mktemp("demo"), **settings)
    return scheduling.kept_for(pytestconfig, *scheduling.SHARING_DEMO).enter_context(running)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After they were put in random order."""
    items[:] = scheduling.in_order(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    yield
    scheduling.leave(item, nextitem)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> scheduling.FoldersAndFiles:
    return scheduling.make_scheduler(config, log)
