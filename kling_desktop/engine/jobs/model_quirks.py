"""What the service's answers showed about its models: accepted frame shapes, removed models."""

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.errors import KlingDesktopError, ModelGone
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.storage.settings.settings_store import SettingsStore


class ModelQuirks:
    """Kept in the settings, so that each is found out once."""

    def __init__(self, settings: SettingsStore) -> None:
        self._settings = settings

    def find_form(self, model: ModelId) -> FrameForm:
        """Find the frame shape that worked for this model; else the documented one."""
        return self._settings.current.frame_form(model)

    async def note_accepted(self, model: ModelId, form: FrameForm | None) -> None:
        """Note that a job of this model was accepted, with frames in this shape if it had any."""
        settings = self._settings.current
        changes: dict[str, object] = {}
        if form is not None and self.find_form(model) is not form:
            changes["frame_forms"] = {**settings.frame_forms, model: form}
        if model in settings.models_gone:
            changes["models_gone"] = tuple(gone for gone in settings.models_gone if gone != model)
        if changes:
            await self._settings.update(**changes)

    async def note_failed(self, model: ModelId, error: KlingDesktopError) -> None:
        """Note the model as removed if that is why its job failed."""
        gone = self._settings.current.models_gone
        if isinstance(error, ModelGone) and model not in gone:
            await self._settings.update(models_gone=(*gone, model))
