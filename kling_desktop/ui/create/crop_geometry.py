"""The geometry of cropping: a frame inside a picture that is moved and resized, in whole pixels."""

from dataclasses import dataclass

from kling_desktop.domain.catalog import Dimensions
from kling_desktop.media.fit import Box, crop_to_aspect

MIN_SIDE_PX = 16
"""A smaller frame could not be grabbed with the pointer."""


@dataclass(frozen=True, slots=True)
class CropFrame:
    """A frame inside a picture; every change gives a new one that lies inside.

    Attributes:
        picture: Size of the picture in pixels.
        box: What is kept.
        aspect: The shape that the frame keeps; None for any.
    """

    picture: Dimensions
    box: Box
    aspect: Dimensions | None = None

    def with_aspect(self, aspect: Dimensions | None) -> "CropFrame":
        """Change the shape: the largest such frame around the present centre."""
        if aspect is None:
            return CropFrame(self.picture, self.box, None)
        largest = crop_to_aspect(self.picture.width, self.picture.height, aspect)
        middle_x = (self.box.left + self.box.right) / 2
        middle_y = (self.box.top + self.box.bottom) / 2
        left = round(middle_x - largest.width / 2)
        top = round(middle_y - largest.height / 2)
        return self._at(left, top, largest.width, largest.height, aspect)

    def moved(self, dx: int, dy: int) -> "CropFrame":
        """Move by pixels, up to the picture's edge."""
        box = self.box
        return self._at(box.left + dx, box.top + dy, box.width, box.height, self.aspect)

    def grown(self, step: int) -> "CropFrame":
        """Grow (or shrink) by pixels around the centre, the longer side by `step` at each end."""
        box = self.box
        ratio = box.width / box.height
        if self.aspect is not None:
            ratio = self.aspect.width / self.aspect.height
        width = box.width + 2 * step if ratio >= 1 else round((box.height + 2 * step) * ratio)
        height = round(width / ratio)
        width, height = self._limit(width, height, ratio)
        left = box.left - (width - box.width) // 2
        top = box.top - (height - box.height) // 2
        return self._at(left, top, width, height, self.aspect)

    def pulled(self, handle: tuple[int, int], x: int, y: int) -> "CropFrame":
        """Drag a corner or side to a point; the opposite one stays.

        Args:
            handle: -1, 0 or 1 across and down: ``(1, 1)`` is the corner at the bottom right.
            x: Where it is dragged to, in the picture's pixels.
            y: As x.
        """
        across, down = handle
        box = self.box
        x = min(max(x, 0), self.picture.width)
        y = min(max(y, 0), self.picture.height)
        if self.aspect is not None:
            ratio = self.aspect.width / self.aspect.height
            return self._pulled_in_shape(across, down, x, y, ratio)
        left, right, top, bottom = box.left, box.right, box.top, box.bottom
        if across < 0:
            left = min(x, right - MIN_SIDE_PX)
        elif across > 0:
            right = max(x, left + MIN_SIDE_PX)
        if down < 0:
            top = min(y, bottom - MIN_SIDE_PX)
        elif down > 0:
            bottom = max(y, top + MIN_SIDE_PX)
        left, top = max(0, left), max(0, top)
        right, bottom = min(self.picture.width, right), min(self.picture.height, bottom)
        return CropFrame(self.picture, Box(left, top, right, bottom), None)

    def _pulled_in_shape(self, across: int, down: int, x: int, y: int, ratio: float) -> "CropFrame":
        box = self.box
        anchor_x = box.right if across < 0 else box.left
        anchor_y = box.bottom if down < 0 else box.top
        wide = abs(x - anchor_x) if across else 0
        tall = abs(y - anchor_y) if down else 0
        width = max(wide, round(tall * ratio), MIN_SIDE_PX)
        room_x = anchor_x if across < 0 else self.picture.width - anchor_x
        room_y = anchor_y if down < 0 else self.picture.height - anchor_y
        width = min(width, room_x, int(room_y * ratio))
        height = max(1, min(round(width / ratio), room_y))
        left = anchor_x - width if across < 0 else anchor_x
        top = anchor_y - height if down < 0 else anchor_y
        return self._at(left, top, width, height, self.aspect)

    def _limit(self, width: int, height: int, ratio: float) -> tuple[int, int]:
        width = min(width, self.picture.width, int(self.picture.height * ratio))
        width = max(width, min(MIN_SIDE_PX, self.picture.width))
        height = max(1, min(round(width / ratio), self.picture.height))
        return width, height

    def _at(
        self, left: int, top: int, width: int, height: int, aspect: Dimensions | None
    ) -> "CropFrame":
        left = min(max(0, left), self.picture.width - width)
        top = min(max(0, top), self.picture.height - height)
        return CropFrame(self.picture, Box(left, top, left + width, top + height), aspect)
