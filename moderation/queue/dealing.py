"""A handful of cards for one moderator, so that several people do not collide at the top.

What is dealt is leased, as a card that is open is: advice to the others, which keeps nobody from
deciding. The leases lie in the database alone: with Redis away the same is dealt.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from moderation import leases, queue

HAND = 5
"""Cards that a moderator has in hand at most. What is folded under a card goes with it."""
LASTS_SECONDS = 300
"""A minute for each: whoever goes for a coffee keeps no card for long."""
TRIES = 20
"""How often is looked anew, where colleagues were dealt the same cards in the same moment."""


def deal(
    session: Session,
    site_ids: Collection[UUID],
    *,
    moderator_id: UUID,
    languages: Sequence[str],
) -> int:
    """Fill the moderator's hand with the first cards that nobody has open; answers how many cards
    that was.

    In these languages (empty: any), and in none that anybody could tell.
    """
    held = queue.count_in_hand(session, site_ids, moderator_id=moderator_id)
    dealt = 0
    for _ in range(TRIES):
        room = HAND - held - dealt
        bundles = (
            queue.fit_to_deal(session, site_ids, languages=languages, most=room) if room > 0 else []
        )
        if not bundles:
            break
        keys = {key for bundle in bundles for key in bundle}
        taken = leases.take_free(session, keys, moderator_id=moderator_id, seconds=LASTS_SECONDS)
        dealt += sum(bundle[0] in taken for bundle in bundles)
    return dealt
