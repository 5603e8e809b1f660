"""What waits for a moderator: in which order, folded, dealt, laid aside, decided together.

`piles` say where held comments lie, a `Look` which of them are wanted, the `walk` finds them,
`pages` make cards of them; `counting` says how many there are.
"""

from moderation.queue.counting import COUNTED_TO, Tabs, counts, oldest, tabs
from moderation.queue.looks import Look, Order, Sieve
from moderation.queue.pages import (
    BundleCard,
    Named,
    count_in_hand,
    fingerprint_of,
    fit_to_deal,
    in_hand,
    mine,
    named,
    waiting,
    waiting_in_bundles,
)

__all__ = [
    "COUNTED_TO",
    "BundleCard",
    "Look",
    "Named",
    "Order",
    "Sieve",
    "Tabs",
    "count_in_hand",
    "counts",
    "fingerprint_of",
    "fit_to_deal",
    "in_hand",
    "mine",
    "named",
    "oldest",
    "tabs",
    "waiting",
    "waiting_in_bundles",
]
