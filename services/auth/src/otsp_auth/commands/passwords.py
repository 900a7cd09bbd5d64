"""Password hashes, and the gate before them: hashing is made slow on purpose.

A login storm must not starve everything else on the machine (pitfall 26): as many hashes run
as there are cores, a few requests wait, the rest is told to come again.
"""

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import ClassVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from otsp_auth.rules.legacy_hashes import LegacyHash
from otsp_auth.settings import current_settings
from otsp_chassis.problems import TooManyRequests


class HashingBusy(TooManyRequests):
    slug: ClassVar[str] = "hashing-busy"
    title: ClassVar[str] = "Too many logins at this moment"
    detail_zh: ClassVar[str] = "当前登录人数过多，请稍后再试。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}


class Passwords:
    """argon2id with one set of parameters, behind one gate; shared by the request threads."""

    def __init__(self, hasher: PasswordHasher, *, slots: int, queue: int) -> None:
        self._hasher = hasher
        self._slots = threading.BoundedSemaphore(slots)
        self._places = threading.BoundedSemaphore(slots + queue)
        self._nobodys = _hash_that_nothing_matches(hasher)

    def hash(self, password: str) -> str:
        with self._gate():
            return self._hasher.hash(password)

    @property
    def nobodys(self) -> str:
        """A hash that nothing matches and that costs what any other does."""
        return self._nobodys

    def matches(
        self, password_hash: str | None, password: str, *, legacy: LegacyHash | None = None
    ) -> bool:
        """Costs one argon2id in every case: None stands for an account that does not exist.

        A legacy platform's hash is asked besides, behind the same gate.
        """
        with self._gate():
            try:
                return self._hasher.verify(password_hash or self._nobodys, password)
            except VerifyMismatchError:
                return legacy is not None and legacy.matches(password)

    def renewed(self, password_hash: str, password: str) -> str:
        """The same hash, or a new one when the parameters have changed since."""
        if not self._hasher.check_needs_rehash(password_hash):
            return password_hash
        return self.hash(password)

    @contextmanager
    def _gate(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise HashingBusy
        try:
            with self._slots:
                yield
        finally:
            self._places.release()


def current_passwords() -> Passwords:
    """Of the current settings; one for the whole process."""
    settings = current_settings()
    return _passwords(
        settings.argon2_memory_kib,
        settings.argon2_time_cost,
        settings.argon2_parallelism,
        slots=settings.hashing_slots,
        queue=settings.hashing_queue,
    )


@cache
def _passwords(
    memory_kib: int, time_cost: int, parallelism: int, *, slots: int, queue: int
) -> Passwords:
    hasher = PasswordHasher(memory_cost=memory_kib, time_cost=time_cost, parallelism=parallelism)
    return Passwords(hasher, slots=slots, queue=queue)


def _hash_that_nothing_matches(hasher: PasswordHasher) -> str:
    """Well-formed and of the hasher's own cost: verifying it costs what it always does."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
