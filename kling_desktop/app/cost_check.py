"""What clips usually cost, and the question before one click spends more than the user's limit."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from kling_desktop.assembly.core import Core
from kling_desktop.domain.draft import Draft
from kling_desktop.domain.job import Service
from kling_desktop.domain.money import Usual, price_key
from kling_desktop.ui.overlays.dialogs import Answer, ask
from kling_desktop.ui.theme.look import Look
from kling_desktop.wording import create as words
from kling_desktop.wording import phrases


class CostCheck:
    """Reads prices from past clips; asks over `window`."""

    def __init__(self, look: Look, window: QWidget, core: Core) -> None:
        self._look = look
        self._window = window
        self._core = core
        self._money, self._settings = core.stores.money, core.stores.settings

    def usual(self, draft: Draft) -> Usual:
        """What such a clip usually costs and takes; in the sandbox nothing has a price."""
        service = self._core.service
        usual = self._money.usual(price_key(draft), service)
        if service is Service.RUNWARE:
            return usual
        return replace(usual, cost_usd=None, cost_count=0, newest_at=None)

    async def may_spend(self, drafts: Sequence[Draft]) -> bool:
        """Ask when the known cost of all takes is over the user's limit; else agree at once."""
        limit = self._settings.current.cost_warning_usd
        if self._core.service is Service.SANDBOX or limit is None:
            return True
        total, unknown = Decimal(0), 0
        for draft in drafts:
            cost = self.usual(draft).cost_usd
            total += (cost or Decimal(0)) * draft.takes
            unknown += draft.takes if cost is None else 0
        if total <= limit:
            return True
        answer = await ask(
            self._look,
            self._window,
            words.cost_question(total),
            words.cost_details(drafts, unknown, limit),
            (
                Answer("cancel", phrases.CANCEL()),
                Answer("go", words.generate_for(total), "primary"),
            ),
            icon="wallet",
            ink="warning",
        )
        return answer == "go"
