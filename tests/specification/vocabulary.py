"""The texts and amounts that generated programs and stores share, so that they meet. Some are awkward on purpose."""

from typing import Final

TIERS: Final = ("bronze", "silver", "gold", "platinum")
TAGS: Final = ("vip", "vip-2024", "O'Neil", "50% off_")
FILTERS: Final = {
    "category": ("shoes", "O'Neil", "O'Neil|shoes", "Söckchen"),
    "brand": ("Aya", "aya"),
    "sku": ("S-1", "50% off_"),
    "channel": ("pos", "online", "p.s"),
    "type": ("review", "visit"),
}
AMOUNTS: Final = (0, 0, 0, 1, 2, 3, 99, 100, 333, 1000, 1999, 5000, 20_000)
"""In minor units: few, so that customers come to the same and hit targets exactly."""

HUGE: Final = 5 * 10**11
"""As large as amounts can be if all orders of a store together are to stay in bounds."""
