"""The per-user certificate authority that lets clients trust a server on this machine.

It is worth nothing outside this machine: critical name constraints (RFC 5280, section 4.2.1.10)
permit localhost, 127.0.0.1 and ::1 alone, the key is readable by its owner only, and nothing is
ever put into a system's store. Certificates of servers are made fresh and live in memory.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import ssl
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tui.core.places import data_folder

LIFETIME = timedelta(days=3650)
LEAF_LIFETIME = timedelta(days=397)
"""The longest that browsers accept of a server certificate."""
RENEWAL = timedelta(days=30)
"""An authority with less time left than this is replaced."""
SKEW = timedelta(days=1)
"""How far a client's clock may be behind ours."""

LOOPBACK = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))


class AuthorityError(Exception):
    """The authority's files cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True)
class Authority:
    """A certificate authority, its key, and the file that clients are told to trust."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    path: Path
    """PEM file with the certificate alone."""

    @classmethod
    def of_user(cls, folder: Path | None = None, now: datetime | None = None) -> Authority:
        """The authority in ``folder``, made at the first use and again when it is unusable."""
        folder = folder or data_folder() / "authority"
        now = now or datetime.now(UTC)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            with _locked(folder / "lock"):
                return _load(folder, now) or _create(folder, now)
        except OSError as error:
            raise AuthorityError(
                f"The local certificate authority in {folder} cannot be used: {error.strerror}; "
                "set BIDISCOPE_DATA to a folder that you may write to."
            ) from error

    def server_context(self, now: datetime | None = None) -> ssl.SSLContext:
        """TLS for a server at localhost, 127.0.0.1 and ::1, with a certificate of its own."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._leaf(key, now or datetime.now(UTC))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # The ssl module reads certificates from files only; this folder is 0700.
        with tempfile.TemporaryDirectory(prefix="bidiscope-") as folder:
            path = Path(folder) / "leaf.pem"
            path.write_bytes(_pem(leaf) + _key_pem(key))
            context.load_cert_chain(path)
        return context

    def _leaf(self, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
        end = min(now + LEAF_LIFETIME, self.certificate.not_valid_after_utc)
        issuer_id = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        names = [x509.DNSName("localhost"), *map(x509.IPAddress, LOOPBACK)]
        aki = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id.value)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        return (
            _builder(_name("localhost"), self.certificate.subject, key, now, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(aki, critical=False)
            .sign(self.key, hashes.SHA256())
        )


def _load(folder: Path, now: datetime) -> Authority | None:
    """The authority that is kept in ``folder``; None when there is none that can be used."""
    path, key_path = folder / "ca.pem", folder / "ca.key"
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return None
    ours = key.public_key() == certificate.public_key()
    current = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - RENEWAL
    if not (ours and current):
        return None
    key_path.chmod(0o600)
    return Authority(certificate, key, path)


def _create(folder: Path, now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own: clients look an issuer up by name, and a replaced one must not be met.
    subject = _name(f"bidiscope local authority {secrets.token_hex(4)} (localhost only)")
    permitted = [x509.DNSName("localhost")]
    networks = [x509.IPAddress(ipaddress.ip_network(address)) for address in LOOPBACK]
    constraints = x509.NameConstraints([*permitted, *networks], excluded_subtrees=None)
    certificate = (
        _builder(subject, subject, key, now, now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(constraints, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.key", _key_pem(key))
    _write(folder / "ca.pem", _pem(certificate))
    return Authority(certificate, key, folder / "ca.pem")


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(end)
        .add_extension(identifier, critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    """Replace ``path`` at once, so that a client never reads half a file; 0600."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)  # noqa: PTH105


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Only one process at a time, whether it looks at the files or makes them."""
    with path.open("ab") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
