"""Which certificates are trusted: the system's, or those that the environment names."""

import os
import shutil
import ssl
from pathlib import Path

import certifi
import pytest

from kling_desktop.api.trust import CERT_DIR_VARIABLE, CERT_FILE_VARIABLE, load_trust
from kling_desktop.domain.errors import NetworkMisconfigured
from kling_desktop.domain.reasons import Reason


def test_every_certificate_is_checked_and_all_are_read_once() -> None:
    trust = load_trust({})
    assert trust.verify_mode is ssl.CERT_REQUIRED
    assert trust.check_hostname
    # Authorities of companies often lack what this flag of Python 3.13 and later insists on.
    assert not trust.verify_flags & ssl.VERIFY_X509_STRICT
    assert load_trust({CERT_FILE_VARIABLE: "", CERT_DIR_VARIABLE: ""}) is trust


def test_the_named_file_takes_the_place_of_the_system_s(tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    shutil.copy(certifi.where(), own)
    trust = load_trust({CERT_FILE_VARIABLE: str(own)})
    assert trust is not load_trust({})
    assert len(trust.get_ca_certs()) > 20
    assert trust.check_hostname


def test_a_named_folder_counts_and_so_does_one_of_several(tmp_path: Path) -> None:
    for value in (str(tmp_path), os.pathsep.join((str(tmp_path / "gone"), str(tmp_path)))):
        assert load_trust({CERT_DIR_VARIABLE: value}).verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("variable", [CERT_FILE_VARIABLE, CERT_DIR_VARIABLE])
def test_what_is_gone_is_named(variable: str, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    with pytest.raises(NetworkMisconfigured) as caught:
        load_trust({variable: gone})
    assert caught.value.reason is Reason.CERTIFICATES_GONE
    assert caught.value.facts == {"variable": variable, "path": gone}


@pytest.mark.parametrize("kind", ["empty", "no certificate", "half a certificate", "a folder"])
def test_a_file_without_certificates_is_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "no certificate":
            path.write_bytes(os.urandom(2000))
        case "half a certificate":
            path.write_bytes(Path(certifi.where()).read_bytes()[:1500].replace(b"A", b"!"))
        case _:
            path.mkdir()
    with pytest.raises(NetworkMisconfigured) as caught:
        load_trust({CERT_FILE_VARIABLE: str(path)})
    assert caught.value.reason is Reason.CERTIFICATES_UNREADABLE
    assert caught.value.facts["path"] == str(path)


def test_a_file_that_comes_back_is_used(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    with pytest.raises(NetworkMisconfigured):
        load_trust({CERT_FILE_VARIABLE: str(path)})
    shutil.copy(certifi.where(), path)
    assert load_trust({CERT_FILE_VARIABLE: str(path)}).get_ca_certs()


def test_no_session_keys_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "not" / "there"))
    shutil.copy(certifi.where(), tmp_path / "ca.pem")
    assert load_trust({CERT_FILE_VARIABLE: str(tmp_path / "ca.pem")}).keylog_filename is None
