"""Advice about pictures whose shape differs from the clip's, or from each other, with ways out."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kling_desktop.domain.catalog import Dimensions, ModelSpec
from kling_desktop.domain.draft import FrameRole, ImageInput
from kling_desktop.domain.model_fit import find_nearest_size, has_other_shape
from kling_desktop.ui.controls.buttons import LinkButton
from kling_desktop.ui.controls.icon_view import IconView
from kling_desktop.ui.controls.labels import Label
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import pictures as words


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeAdvice:
    """What is said about shapes, and what is offered.

    Attributes:
        crop: The picture to crop, and the shape that it would get.
        size: The clip's size that suits the picture better; None where there is none.
    """

    text: str
    crop: tuple[FrameRole, Dimensions]
    size: Dimensions | None = None


def find_advice(
    images: Mapping[FrameRole, ImageInput], size: Dimensions | None, spec: ModelSpec
) -> ShapeAdvice | None:
    """Compare the pictures with the clip and with each other.

    Args:
        images: The sound pictures that are there.
        size: The clip's size; None where it follows the first frame.
        spec: The model, whose sizes are offered.
    """
    first, last = images.get(FrameRole.FIRST), images.get(FrameRole.LAST)
    if first is not None and last is not None and has_other_shape(first, _size_of(last)):
        text = words.pair_advice(first, last)
        if size is None:
            return ShapeAdvice(text=text, crop=(FrameRole.LAST, _size_of(first)))
        wrong = FrameRole.FIRST if has_other_shape(first, size) else FrameRole.LAST
        return ShapeAdvice(text=text, crop=(wrong, size))
    if size is None:
        return None
    for role, image in images.items():
        if has_other_shape(image, size):
            nearest = find_nearest_size(_size_of(image), spec)
            better = nearest if nearest not in (None, size) else None
            text = words.shape_advice(image, size.aspect_ratio)
            return ShapeAdvice(text=text, crop=(role, size), size=better)
    return None


def _size_of(image: ImageInput) -> Dimensions:
    return Dimensions(image.width, image.height)


class ShapeAdviceRow(QWidget):
    """Shows a `ShapeAdvice` with its links.

    Signals:
        crop_wanted: A picture (its role) is to be cropped to a shape (`Dimensions`).
        size_wanted: The clip is to have this size (`Dimensions`).
    """

    crop_wanted = Signal(object, object)
    size_wanted = Signal(object)

    def __init__(self, look: Look, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._advice: ShapeAdvice | None = None
        self._text = Label("", "small", "text-2", wrap=True)
        self.size_link = LinkButton(look, "")
        self.crop_link = LinkButton(look, "")
        self.size_link.clicked.connect(self._on_size_clicked)
        self.crop_link.clicked.connect(self._on_crop_clicked)
        space = look.theme.space
        links = QHBoxLayout()
        links.setSpacing(space(3))
        links.addWidget(self.size_link)
        links.addWidget(self.crop_link)
        links.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._text)
        column.addLayout(links)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(2))
        row.addWidget(IconView(look, "info", size=16, ink="text-2"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def show_advice(self, advice: ShapeAdvice | None) -> None:
        """Show an advice; none hides the row."""
        self._advice = advice
        self.setVisible(advice is not None)
        if advice is None:
            return
        self._text.setText(advice.text)
        self.setAccessibleName(advice.text)
        _role, shape = advice.crop
        self._show_link(self.crop_link, words.crop_to(words.ratio_of(shape)))
        size = advice.size
        self._show_link(self.size_link, "" if size is None else words.make_clip(size.aspect_ratio))

    def _show_link(self, link: LinkButton, text: str) -> None:
        link.setText(text)
        link.set_name(f"{text}: {self.text}")
        link.setVisible(bool(text))
        link.updateGeometry()

    def _on_crop_clicked(self) -> None:
        if self._advice is not None:
            self.crop_wanted.emit(*self._advice.crop)

    def _on_size_clicked(self) -> None:
        if self._advice is not None and self._advice.size is not None:
            self.size_wanted.emit(self._advice.size)
