"""TLS as a client of ours meets it: the chain, the name, the days that are left."""

import smtplib
import socket
import ssl
from datetime import UTC, datetime

from otsp_chassis import clock
from otsp_chassis.bus.connecting import parameters
from otsp_cli.doctor.addresses import Address
from otsp_cli.doctor.findings import Finding, failed, ok, warn

SOON_DAYS, LATE_DAYS = 30, 3
_SECONDS = 4
_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
_RENEW = "renew it and load it where it is served"


def examine_certificate(address: Address) -> Finding:
    """Raises OSError where nobody answers."""
    try:
        not_after = _not_after(address)
    except ssl.SSLCertVerificationError as error:
        told = f"{address.setting}: {error.verify_message}"
        if address.ssl_mode == "require":
            return warn(f"{told}; sslmode=require does not ask", "use sslmode=verify-full")
        return failed(told, "serve a whole chain for this name, or trust its root (SSL_CERT_FILE)")
    days = (not_after - clock.now()).days
    told = f"certificate good until {not_after:%Y-%m-%d}, {days} days"
    if days < LATE_DAYS:
        return failed(told, _RENEW)
    return warn(told, _RENEW) if days < SOON_DAYS else ok(told)


def examine_plain(address: Address, *, is_production: bool) -> Finding:
    if address.is_here or not is_production:
        return ok(f"{address.kind} without TLS, on this machine or for trying out")
    return warn(
        f"{address.setting}: {address.kind} without TLS",
        "let only the platform's own network reach it, or use TLS (verify-full, amqps, https)",
    )


def _not_after(address: Address) -> datetime:
    with _connected(address) as secured:
        told = secured.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)


def _connected(address: Address) -> ssl.SSLSocket:
    if address.kind == "starttls":
        return _after_starttls(address)
    plain = socket.create_connection((address.host, address.port), _SECONDS)
    try:
        if address.kind == "postgresql":
            plain.sendall(_SSL_REQUEST)
            if plain.recv(1) != b"S":
                raise ConnectionError("the server offers no TLS")
        return _context(address).wrap_socket(plain, server_hostname=address.host)
    except OSError:
        plain.close()
        raise


def _after_starttls(address: Address) -> ssl.SSLSocket:
    server = smtplib.SMTP(address.host, address.port, timeout=_SECONDS)
    try:
        server.starttls(context=_context(address))
    except OSError:
        server.close()
        raise
    secured = server.sock
    if not isinstance(secured, ssl.SSLSocket):
        raise ConnectionError("STARTTLS was not done")
    return secured


def _context(address: Address) -> ssl.SSLContext:
    """The trust that the client itself will have."""
    if address.kind == "amqps":
        chosen: ssl.SSLContext = parameters(address.url).ssl_options.context
        return chosen
    named = address.root_certificate
    context = ssl.create_default_context(cafile=named if named not in {"", "system"} else None)
    context.check_hostname = address.ssl_mode != "verify-ca"
    return context
