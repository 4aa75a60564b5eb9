"""Pictures of a player's frames where there is no OpenGL.

Qt then converts on the processor, with the matrix of SD for everything, and shows ten bits as
black.  Here the frame goes the way of posters and saved frames, so that both look the same.
"""

import sys
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage, QOpenGLContext, QTransform

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QVideoFrame

_UNSPECIFIED = 2


@cache
def has_graphics() -> bool:
    """Say whether Qt converts frames on the graphics card; asked once, in the window's thread."""
    return sys.platform in ("win32", "darwin") or QOpenGLContext().create()


def read_image(frame: "QVideoFrame") -> QImage:
    """Convert a frame with the colours that its format says, or that its size does."""
    image = _convert(frame)
    if image is None:
        return frame.toImage()
    turn = frame.rotation().value
    if frame.mirrored():
        image = image.mirrored(horizontally=True, vertically=False)
    return image.transformed(QTransform().rotate(turn)) if turn else image


def _convert(frame: "QVideoFrame") -> QImage | None:
    """Convert the planes of a frame; None for a kind that is no planes of brightness and colour."""
    import av
    from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

    from kling_desktop.media.frame_colours import to_rgb

    kinds = QVideoFrameFormat.PixelFormat
    pixels = {
        kinds.Format_YUV420P: "yuv420p",
        kinds.Format_YUV422P: "yuv422p",
        kinds.Format_NV12: "nv12",
        kinds.Format_YUV420P10: "yuv420p10le",
        kinds.Format_P010: "p010le",
    }.get(frame.pixelFormat())
    if pixels is None or not frame.map(QVideoFrame.MapMode.ReadOnly):
        return None
    try:
        decoded = av.VideoFrame(frame.width(), frame.height(), pixels)
        for number, plane in enumerate(decoded.planes):
            plane.update(
                _fit_lines(
                    bytes(frame.bits(number)),
                    frame.bytesPerLine(number),
                    plane.line_size,
                    plane.height,
                )
            )
    finally:
        frame.unmap()
    form = frame.surfaceFormat()
    spaces, transfers = QVideoFrameFormat.ColorSpace, QVideoFrameFormat.ColorTransfer
    decoded.colorspace = {
        spaces.ColorSpace_BT601: 5,
        spaces.ColorSpace_BT709: 1,
        spaces.ColorSpace_BT2020: 9,
    }.get(form.colorSpace(), _UNSPECIFIED)
    decoded.color_trc = {
        transfers.ColorTransfer_ST2084: 16,
        transfers.ColorTransfer_STD_B67: 18,
    }.get(form.colorTransfer(), _UNSPECIFIED)
    is_full = form.colorRange() == QVideoFrameFormat.ColorRange.ColorRange_Full
    decoded.color_range = 2 if is_full else 1
    picture = to_rgb(decoded, decoded.width, decoded.height)
    width, height = picture.size
    image = QImage(picture.tobytes(), width, height, width * 3, QImage.Format.Format_RGB888)
    return image.copy(form.viewport())


def _fit_lines(data: bytes, stride: int, wanted: int, lines: int) -> bytes:
    """Give each line the length that the other library keeps between two of them."""
    if stride == wanted:
        return data[: stride * lines]
    kept = min(stride, wanted)
    padding = bytes(wanted - kept)
    return b"".join(data[at * stride : at * stride + kept] + padding for at in range(lines))
