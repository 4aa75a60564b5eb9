"""What an address in a drop or on the clipboard stands for."""

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from kling_desktop.ui.create.drop_contents import DropKind, read_drop

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="names there are no bytes")


def _addresses(*lines: str) -> QMimeData:
    mime = QMimeData()
    mime.setData("text/uri-list", "".join(f"{line}\r\n" for line in lines).encode())
    return mime


def _text(text: str) -> QMimeData:
    mime = QMimeData()
    mime.setText(text)
    return mime


@posix_only
@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///clips/a%20boat.png", "/clips/a boat.png"),
        ("file://localhost/clips/boat.png", "/clips/boat.png"),
        ("file://LOCALHOST/clips/boat.png", "/clips/boat.png"),
        ("file://127.0.0.1/clips/boat.png", "/clips/boat.png"),
        ("file:/clips/boat.png", "/clips/boat.png"),
        ("FILE:///clips/boat.png", "/clips/boat.png"),
        ("file:///clips/100%25%20%23%3F.png", "/clips/100% #?.png"),
        ("file:///clips/b%C3%B6t%20%F0%9F%A6%8A.png", "/clips/böt 🦊.png"),
        ("file:///clips/caf%E9%20d%E9j%E0.jpg", os.fsdecode(b"/clips/caf\xe9 d\xe9j\xe0.jpg")),
        ("file://server/share/boat.png", "//server/share/boat.png"),
    ],
)
@pytest.mark.parametrize("form", [_addresses, _text], ids=["addresses", "text"])
def test_an_address_of_a_file_is_that_file(address: str, path: str, form: object) -> None:
    contents = read_drop(_addresses(address) if form is _addresses else _text(address))
    assert contents.kind is DropKind.FILES
    assert contents.paths == (Path(path),)


def test_a_path_becomes_an_address_and_is_found_again() -> None:
    path = Path("/clips/50% böt #1?.png").absolute()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert read_drop(mime).paths == (path,)


@pytest.mark.parametrize("scheme", ["http", "https", "ftp"])
def test_a_web_address_is_no_file_and_is_named_whole(scheme: str) -> None:
    contents = read_drop(_addresses(f"{scheme}://example.org/a.png", "https://example.org/b.png"))
    assert contents.kind is DropKind.FILES
    assert len(contents.paths) == 1


def test_a_browser_that_carries_the_picture_gives_the_picture() -> None:
    mime = _addresses("https://example.org/a.png")
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(0)
    mime.setImageData(image)
    assert read_drop(mime).kind is DropKind.IMAGE


@pytest.mark.parametrize(
    "text", ["file under water", "A file: two boats", "file:///a.png\nand then it rains", "/a.png"]
)
def test_words_that_only_look_like_an_address_are_words(text: str) -> None:
    contents = read_drop(_text(text))
    assert (contents.kind, contents.text) == (DropKind.TEXT, text)
