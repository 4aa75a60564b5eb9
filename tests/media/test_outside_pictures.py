"""Pictures that others made, from the folder that KLING_DESKTOP_OUTSIDE_PICTURES names.

Pillow's own test images are a good such folder.  Whatever lies there is taken or refused in words;
none is bent, and none is called damaged that Qt shows whole.
"""

import os
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from kling_desktop.domain.errors import DamagedValue
from kling_desktop.domain.validation import SENDABLE_FORMATS
from kling_desktop.media.decoding import DecodeFailed
from kling_desktop.media.fit import Box
from kling_desktop.media.images import ImageFault, RefusedPicture, inspect
from kling_desktop.media.isolation import run_isolated
from kling_desktop.media.preparing import PreparedPicture, apply_fix, convert, prepare
from kling_desktop.media.qt_decoding import QT_NAMES, read_with_qt
from kling_desktop.media.signatures import HEAD_BYTES, recognise
from kling_desktop.wording.reasons import describe_error

_FOLDER = os.environ.get("KLING_DESKTOP_OUTSIDE_PICTURES", "")
_MOST_BENT = 0.02

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(not _FOLDER, reason="no folder of outside pictures is named"),
    pytest.mark.filterwarnings("ignore"),
]


def _list_pictures() -> list[Path]:
    if not _FOLDER:
        return []
    return sorted(path for path in Path(_FOLDER).rglob("*") if path.is_file())


def _is_shown_by_qt(path: Path) -> bool:
    with path.open("rb") as file:
        picture_format = recognise(file.read(HEAD_BYTES)).format
    if picture_format not in QT_NAMES:
        return False
    try:
        run_isolated(partial(_try_qt, path, picture_format))
    except (DecodeFailed, DamagedValue):
        return False
    return True


def _try_qt(path: Path, picture_format: str) -> bool:
    read_with_qt(path, picture_format)
    return True


def _prepare_or_refuse(path: Path, folder: Path) -> PreparedPicture | RefusedPicture:
    try:
        return prepare(path, folder)
    except RefusedPicture as error:
        return error


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", _list_pictures(), ids=lambda path: path.name)
def test_an_outside_picture_is_taken_in_its_shape_or_refused_in_words(
    path: Path, tmp_path: Path
) -> None:
    prepared = _prepare_or_refuse(path, tmp_path)
    if isinstance(prepared, RefusedPicture):
        assert describe_error(prepared)
        if prepared.kind in (ImageFault.DAMAGED, ImageFault.UNUSUAL):
            assert not _is_shown_by_qt(path), prepared.detail
        return
    size = (prepared.check.image.width, prepared.check.image.height)
    if prepared.image is not None:
        image = prepared.image
    elif prepared.fix is not None:
        image = apply_fix(path, prepared.fix, tmp_path)
        box = prepared.fix.box or Box(0, 0, *size)
        size = (box.width, box.height)
    else:
        image = convert(path, tmp_path)
    assert image.format in SENDABLE_FORMATS
    with Image.open(image.path) as sent:
        sent.load()
        assert not sent.getexif()
        bent = abs(sent.width * size[1] / (sent.height * size[0]) - 1)
    assert bent <= max(_MOST_BENT, 2 / min(size)), (sent.size, size)
    assert inspect(image.path).problems == prepared.check.problems if prepared.image else True
