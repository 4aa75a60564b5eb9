"""What a clip costs in the sandbox: practice money, near the prices seen on the model pages."""

from collections.abc import Mapping
from decimal import Decimal

from kling_desktop.domain.catalog import Dimensions, ModelSpec, Tier

_PER_SECOND: Mapping[str, Decimal] = {
    "klingai:2@1": Decimal("0.03696"),
    "klingai:3@1": Decimal("0.0370"),
    "klingai:5@1": Decimal("0.0370"),
    "klingai:5@3": Decimal("0.1848"),
    "klingai:6@0": Decimal("0.0420"),
    "klingai:6@1": Decimal("0.0420"),
}
"""USD for a second, as far as Runware's pages of 2025-12 to 2026-07 stated one."""

_RULE: Mapping[Tier, Decimal] = {
    Tier.STANDARD: Decimal("0.0370"),
    Tier.PRO: Decimal("0.0650"),
    Tier.MASTER: Decimal("0.1848"),
}
"""The sandbox's own guess by tier for the models without a stated price."""


def price_clip(spec: ModelSpec, duration_s: int, size: Dimensions) -> Decimal:
    """Return the price of one clip in practice USD; the size does not change it so far."""
    del size  # kept in the signature: the real service prices some models by resolution
    per_second = _PER_SECOND.get(spec.id, _RULE[spec.tier])
    return (per_second * duration_s).quantize(Decimal("0.0001"))
