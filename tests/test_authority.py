"""The local certificate authority: what it permits, who accepts it, and what it survives."""

from __future__ import annotations

import ipaddress
import os
import ssl
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tui.authority import LEAF_LIFETIME, LIFETIME, Authority, AuthorityError


def connects(server: ssl.SSLContext, ca: Path, name: str) -> None:
    """A TLS handshake in memory, with the strictest verification that Python offers."""
    client = ssl.create_default_context(cafile=ca)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ours.getpeercert()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_strict_clients_trust_a_server_at(name: str, tmp_path: Path) -> None:
    authority = Authority.of_user(tmp_path)
    connects(authority.server_context(), authority.path, name)


def test_a_server_at_another_name_is_not_trusted(tmp_path: Path) -> None:
    authority = Authority.of_user(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        connects(authority.server_context(), authority.path, "example.com")


def test_the_authority_may_vouch_for_loopback_only(tmp_path: Path) -> None:
    certificate = Authority.of_user(tmp_path).certificate
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_network("127.0.0.1/32")),
        x509.IPAddress(ipaddress.ip_network("::1/128")),
    ]
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    authority = Authority.of_user(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("ca.*")} == {0o600}
    assert b"PRIVATE" not in authority.path.read_bytes()


def test_it_is_made_once(tmp_path: Path) -> None:
    first, second = Authority.of_user(tmp_path), Authority.of_user(tmp_path)
    assert first.certificate == second.certificate


def test_no_server_key_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    Authority.of_user(tmp_path / "authority").server_context()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_one_that_soon_expires_is_replaced(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    old = Authority.of_user(tmp_path, now - LIFETIME + timedelta(days=5))
    new = Authority.of_user(tmp_path, now)
    assert new.certificate != old.certificate
    connects(new.server_context(), new.path, "localhost")


def test_a_leaf_does_not_outlive_its_authority(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    old = Authority.of_user(tmp_path, now - LIFETIME + timedelta(days=31))
    end = old.certificate.not_valid_after_utc
    assert end < now + LEAF_LIFETIME
    connects(old.server_context(now), old.path, "localhost")


@pytest.mark.parametrize("name", ["ca.pem", "ca.key"])
@pytest.mark.parametrize("content", [b"", b"junk", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_corrupt_one_is_replaced(name: str, content: bytes, tmp_path: Path) -> None:
    Authority.of_user(tmp_path)
    (tmp_path / name).write_bytes(content)
    authority = Authority.of_user(tmp_path)
    connects(authority.server_context(), authority.path, "localhost")


def test_a_key_of_another_certificate_is_replaced(tmp_path: Path) -> None:
    Authority.of_user(tmp_path / "a")
    other = Authority.of_user(tmp_path / "b")
    (tmp_path / "a/ca.pem").write_bytes(other.path.read_bytes())
    authority = Authority.of_user(tmp_path / "a")
    connects(authority.server_context(), authority.path, "localhost")


def test_threads_that_begin_at_once_agree(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)

    def begin(_: int) -> x509.Certificate:
        barrier.wait()
        return Authority.of_user(tmp_path).certificate

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(begin, range(8)))) == 1


def test_processes_that_begin_at_once_agree(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from tui.authority import Authority; "
        f"print(Authority.of_user(Path({str(tmp_path)!r})).certificate.serial_number)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(3)
    ]
    assert len({process.communicate()[0] for process in processes}) == 1
    assert all(process.returncode == 0 for process in processes)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(AuthorityError, match=r"BIDISCOPE_DATA .*\.$"):
        Authority.of_user(tmp_path / "file")


def test_it_is_kept_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIDISCOPE_DATA", str(tmp_path / "mine"))
    assert Authority.of_user().path.is_relative_to(tmp_path / "mine")
