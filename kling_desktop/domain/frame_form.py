"""The two shapes in which a request can carry its frames."""

from enum import StrEnum


class FrameForm(StrEnum):
    """Both are documented; which one the live service wants for a model is learned from it.

    SEED is ``frameImages: [{inputImage, frame}]`` at the root, as on the provider page; INPUTS is
    ``inputs.frameImages: [{image, frame}]``, as in the newer schemas.
    """

    SEED = "seed"
    INPUTS = "inputs"

    @property
    def other(self) -> "FrameForm":
        return FrameForm.INPUTS if self is FrameForm.SEED else FrameForm.SEED
