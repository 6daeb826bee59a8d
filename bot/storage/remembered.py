"""What limits remember of erased members: a keyed hash, what they used, when they were refused.

So erasing resets no limit. The key is random, and stays in this database.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from bot.domain.errors import Failure
from bot.domain.limits import STRIKE_WINDOW
from bot.domain.refusals import Window
from bot.storage.community import erased
from bot.storage.database import AnyRow, Transaction
from bot.storage.tables import note

KEY = "erasing: key of hashes"

# Built once: building a statement costs more than running it. No row where nobody was erased.
_KEY = select(note.c.value).where(note.c.key == KEY, select(erased.c.at).exists())
_REMEMBERED = (
    select(erased.c.at, erased.c.pictures, erased.c.strike)
    .where(erased.c.hash == bindparam("of"), erased.c.at > bindparam("since"))
    .order_by(erased.c.at)
)


@dataclass(frozen=True, slots=True)
class Remembered:
    """When pictures were asked for and how many; when the content rules refused. In order."""

    used: Sequence[tuple[float, int]] = ()
    strikes: Sequence[float] = ()


NOTHING = Remembered()


def remembered(tx: Transaction, user_id: int) -> Remembered:
    """Read what a member used and was refused before they were erased."""
    key = tx.connection.scalar(_KEY)
    if key is None:
        return NOTHING
    longest = {"of": _hash(key, user_id), "since": tx.now - Window.DAY.seconds}
    rows = tx.connection.execute(_REMEMBERED, longest).all()
    return Remembered(
        [(at, pictures) for at, pictures, strike in rows if not strike],
        [at for at, _, strike in rows if strike and at > tx.now - STRIKE_WINDOW],
    )


def remember(tx: Transaction, user_id: int, jobs: Sequence[AnyRow]) -> None:
    """Keep for the limits what some jobs, about to be erased, count for."""
    known = {"hash": _hash(_key(tx), user_id)}
    used = [
        known | {"at": one.created_at, "pictures": one.counted, "strike": False}
        for one in jobs
        if one.counted and one.created_at > tx.now - Window.DAY.seconds
    ]
    struck = [
        known | {"at": one.ended_at, "pictures": 0, "strike": True}
        for one in jobs
        if one.failure == Failure.CONTENT_REFUSED and one.ended_at > tx.now - STRIKE_WINDOW
    ]
    if rows := used + struck:
        tx.connection.execute(insert(erased), rows)


def forget_erased(tx: Transaction) -> None:
    """Delete what no limit looks at any more."""
    tx.connection.execute(delete(erased).where(erased.c.at <= tx.now - Window.DAY.seconds))


def _key(tx: Transaction) -> str:
    """Read the key, made when it is first needed."""
    tx.connection.execute(
        tx.insert(note).values(key=KEY, value=secrets.token_hex(32)).on_conflict_do_nothing()
    )
    return str(tx.connection.execute(select(note.c.value).where(note.c.key == KEY)).scalar_one())


def _hash(key: str, user_id: int) -> str:
    return hmac.digest(bytes.fromhex(key), str(user_id).encode(), "sha256").hex()
