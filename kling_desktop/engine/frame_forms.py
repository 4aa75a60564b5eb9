"""Which of the two shapes for frames works for a model, learned from the service."""

from kling_desktop.domain.catalog import ModelId
from kling_desktop.domain.frame_form import FrameForm
from kling_desktop.storage.settings import SettingsStore


class FrameForms:
    """The settings' memory of what was accepted; the seed's form where nothing is known."""

    def __init__(self, settings: SettingsStore) -> None:
        self._settings = settings

    def find(self, model: ModelId) -> FrameForm:
        return FrameForm(self._settings.current.frame_forms.get(model, FrameForm.SEED))

    async def remember(self, model: ModelId, form: FrameForm) -> None:
        if self.find(model) is not form:
            forms = {**self._settings.current.frame_forms, model: form}
            await self._settings.update(frame_forms=forms)
