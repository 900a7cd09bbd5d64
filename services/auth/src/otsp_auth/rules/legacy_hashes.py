"""Password hashes as the two legacy platforms kept them; each is checked once (decision D37).

A scheme is one line of SCHEMES. A digest is taken in hexadecimal of either case or in base64
(RFC 4648, both alphabets, with or without padding) and kept in small hexadecimal.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, Self

import bcrypt

from otsp_contracts.values import InvalidValue

_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_COSTLIEST_BCRYPT = 12  # a quarter of a second; the owner of a dearer hash comes by recovery
_BCRYPT_BYTES = 72  # what bcrypt reads of a password
_LONGEST_SALT = 128


@dataclass(frozen=True, slots=True)
class Scheme:
    """`mixed` is what was hashed, of password and salt; None for bcrypt, which carries its own."""

    algorithm: str
    mixed: Callable[[bytes, bytes], bytes] | None
    is_salted: bool = False


def _alone(password: bytes, _salt: bytes) -> bytes:
    return password


def _salt_first(password: bytes, salt: bytes) -> bytes:
    return salt + password


def _salt_last(password: bytes, salt: bytes) -> bytes:
    return password + salt


SCHEMES: Final[Mapping[str, Scheme]] = {
    "md5": Scheme("md5", _alone),
    "md5_salt_password": Scheme("md5", _salt_first, is_salted=True),
    "md5_password_salt": Scheme("md5", _salt_last, is_salted=True),
    "sha1": Scheme("sha1", _alone),
    "sha1_salt_password": Scheme("sha1", _salt_first, is_salted=True),
    "sha1_password_salt": Scheme("sha1", _salt_last, is_salted=True),
    "sha256": Scheme("sha256", _alone),
    "sha256_salt_password": Scheme("sha256", _salt_first, is_salted=True),
    "sha256_password_salt": Scheme("sha256", _salt_last, is_salted=True),
    "bcrypt": Scheme("bcrypt", None),
}
"""`hash_scheme` of a legacy file → how it was made. Passwords and salts are UTF-8."""


@dataclass(frozen=True, slots=True, repr=False)
class LegacyHash:
    """One password hash of a legacy platform, in its one normal form."""

    scheme: str
    digest: str
    salt: str = ""

    @classmethod
    def parse(cls, scheme: str, digest: str, salt: str = "") -> Self:
        """Raises InvalidValue, whose code is the column at fault."""
        kind = SCHEMES.get(scheme)
        if kind is None:
            known = "、".join(SCHEMES)
            raise InvalidValue("hash_scheme", f"散列方式不受支持，应为以下之一：{known}。")
        if kind.is_salted != bool(salt) or len(salt) > _LONGEST_SALT:
            wanted = f"需要 1 至 {_LONGEST_SALT} 个字符的盐" if kind.is_salted else "不带盐"
            raise InvalidValue("salt", f"散列方式 {scheme} {wanted}，请核对 salt 列。")
        if kind.mixed is None:
            return cls(scheme, _sound_bcrypt(digest))
        return cls(scheme, _small_hexadecimal(digest, kind.algorithm), salt)

    @classmethod
    def from_text(cls, text: str) -> Self:
        return cls(**json.loads(text))

    def to_text(self) -> str:
        """To be kept encrypted."""
        return json.dumps(asdict(self))

    def matches(self, password: str) -> bool:
        """In a time that does not tell how much of it was right."""
        given, kind = password.encode(), SCHEMES[self.scheme]
        if kind.mixed is None:
            return bcrypt.checkpw(given[:_BCRYPT_BYTES], self.digest.encode())
        mixed = kind.mixed(given, self.salt.encode())
        made = hashlib.new(kind.algorithm, mixed, usedforsecurity=False).hexdigest()
        return hmac.compare_digest(made, self.digest)


def _sound_bcrypt(text: str) -> str:
    found = _BCRYPT.fullmatch(text)
    if found is None:
        detail = "bcrypt 散列值应为 60 个字符，以 $2a$、$2b$ 或 $2y$ 开头。"
        raise InvalidValue("legacy_password_hash", detail)
    if not 4 <= int(found[1]) <= _COSTLIEST_BCRYPT:
        detail = f"bcrypt 的强度应在 4 至 {_COSTLIEST_BCRYPT} 之间，其他账号请通过找回处理。"
        raise InvalidValue("legacy_password_hash", detail)
    return text


def _small_hexadecimal(text: str, algorithm: str) -> str:
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    for decode in (bytes.fromhex, _from_base64):
        try:
            digest = decode(text)
        except ValueError:
            continue
        if len(digest) == size:
            return digest.hex()
    detail = f"{algorithm} 散列值应为 {2 * size} 位十六进制字符，或 {size} 个字节的 Base64。"
    raise InvalidValue("legacy_password_hash", detail)


def _from_base64(text: str) -> bytes:
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
