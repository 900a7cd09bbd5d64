"""One bucket of an object store that speaks S3; the only module that imports boto3.

Nothing here waits for ever: a request has two tries of a few seconds each. What the store refuses
or leaves unanswered is StoreUnavailable, and logged by its code; neither names a secret.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from otsp_chassis import log
from otsp_chassis.blobs.address import BucketAddress
from otsp_chassis.blobs.store import Blob, StoreUnavailable

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 9.0
TRIES = 2
"""Together less than the edge waits for a service."""
PART_BYTES = 5 * 1024 * 1024
"""The least that S3 allows; two of them are in memory while a large file is written."""
PAGE = 1_000
_MOST_CONNECTIONS = 32
_log = log.get_logger()


class Bucket:
    """Objects by their whole key."""

    def __init__(self, address: BucketAddress, *, part_bytes: int = PART_BYTES) -> None:
        self._address = address
        self._part_bytes = part_bytes

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 has no types; made on first use, after any fork
        logging.getLogger("botocore").setLevel(logging.WARNING)
        address = self._address
        return boto3.session.Session().client(
            "s3",
            endpoint_url=address.endpoint,
            region_name=address.region,
            aws_access_key_id=address.access_key,
            aws_secret_access_key=address.secret_key.get_secret_value(),
            verify=None if address.ca_file is None else str(address.ca_file),
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                max_pool_connections=_MOST_CONNECTIONS,
                # Checksums of newer kinds are refused by stores that are not Amazon's; the
                # SHA-256 of each part is signed instead, which all of them compare.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": address.addressing, "payload_signing_enabled": True},
            ),
        )

    def put(self, key: str, chunks: Iterable[bytes]) -> None:
        """Appears whole when the last chunk is there, or not at all."""
        parts = _parts(chunks, self._part_bytes)
        first = next(parts)
        if len(first) < self._part_bytes:
            with _told(key):
                self._client.put_object(**self._at(key), **self._encrypted(), Body=first)
            return
        with _told(key):
            begun = self._client.create_multipart_upload(**self._at(key), **self._encrypted())
        upload, is_whole = {**self._at(key), "UploadId": begun["UploadId"]}, False
        try:
            self._put_parts(upload, first, parts)
            is_whole = True
        finally:
            if not is_whole:
                self._give_up(upload)

    def get(self, key: str, *, start: int = 0, etag: str | None = None) -> Mapping[str, Any]:
        """The answer of GetObject, its `Body` to be read; raises FileNotFoundError."""
        asked = self._at(key)
        if start:
            asked["Range"] = f"bytes={start}-"
        if etag is not None:
            asked["IfMatch"] = etag
        with _told(key):
            answer: Mapping[str, Any] = self._client.get_object(**asked)
        return answer

    def size(self, key: str) -> int:
        """Raises FileNotFoundError."""
        with _told(key):
            size: int = self._client.head_object(**self._at(key))["ContentLength"]
        return size

    def delete(self, key: str) -> None:
        with _told(key):
            self._client.delete_object(**self._at(key))

    def list(self, prefix: str, *, is_deep: bool = True) -> Iterator[Blob]:
        """By pages of a thousand; not deep: without what has a further slash."""
        asked = {"Bucket": self._address.name, "Prefix": prefix}
        for page in self._pages(
            "list_objects_v2", asked if is_deep else asked | {"Delimiter": "/"}
        ):
            for each in page.get("Contents", ()):
                yield Blob(each["Key"], each["Size"], each["LastModified"])

    def unfinished(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        """Writes that were begun and not ended."""
        asked = {"Bucket": self._address.name, "Prefix": prefix}
        for page in self._pages("list_multipart_uploads", asked):
            yield from page.get("Uploads", ())

    def give_up(self, unfinished: Mapping[str, Any]) -> None:
        self._give_up({**self._at(unfinished["Key"]), "UploadId": unfinished["UploadId"]})

    def _put_parts(self, upload: dict[str, Any], first: bytes, parts: Iterator[bytes]) -> None:
        done = []
        for number, part in enumerate(_chained(first, parts), start=1):
            with _told(upload["Key"]):
                put = self._client.upload_part(**upload, PartNumber=number, Body=part)
            done.append({"PartNumber": number, "ETag": put["ETag"]})
        with _told(upload["Key"]):
            self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": done})

    def _give_up(self, upload: dict[str, Any]) -> None:
        """What cannot be given up now is found by `unfinished` later."""
        try:
            self._client.abort_multipart_upload(**upload)
        except (BotoCoreError, ClientError) as error:
            _log.warning("store_upload_left", error=type(error).__name__)

    def _pages(self, operation: str, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        pages = iter(self._client.get_paginator(operation).paginate(**asked))
        while True:
            with _told(""):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _at(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._address.name, "Key": key}

    def _encrypted(self) -> dict[str, Any]:
        kind = self._address.encryption
        return {} if kind is None else {"ServerSideEncryption": kind}


@contextmanager
def _told(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code in ("NoSuchKey", "404"):
            raise FileNotFoundError(key) from error
        _log.error("store_refused", operation_name=error.operation_name, code=code)
        raise StoreUnavailable from error
    except BotoCoreError as error:
        _log.error("store_unreachable", error=type(error).__name__)
        raise StoreUnavailable from error


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _parts(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of that size; the last is shorter, and the only one may be empty."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > size:
            with memoryview(held) as view:
                part = bytes(view[:size])
            del held[:size]
            yield part
    yield bytes(held)
