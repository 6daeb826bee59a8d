"""Telling the owner, once: the database remembers what was told, over restarts and workers."""

from bot.domain.alerts import Alert, Condition
from bot.domain.ports import Owner
from bot.domain.stores import Notes

LOW_PICTURES = 20


class Alerts:
    """Compares what is so with what the owner was told. `price` is micro-dollars a picture."""

    def __init__(self, *, notes: Notes, owner: Owner, price: int) -> None:
        self._notes = notes
        self._owner = owner
        self.price = max(1, price)

    async def begin(self, condition: Condition, *, balance: int = 0, detail: str = "") -> None:
        """Tell of a condition unless it was told."""
        if await self._notes.set_once(_key(condition, detail)):
            await self._owner.tell(self._alert(condition, balance, detail=detail))

    async def end(self, condition: Condition, *, balance: int = 0) -> None:
        """Tell that a condition is over, if it was told of."""
        if await self._notes.clear(_key(condition)):
            await self._owner.tell(self._alert(condition, balance, over=True))

    async def balance(self, balance: int) -> None:
        """Compare the provider's balance with what few pictures would cost."""
        if balance < LOW_PICTURES * self.price:
            await self.begin(Condition.LOW_CREDIT, balance=balance)
        else:
            await self.end(Condition.LOW_CREDIT, balance=balance)

    def _alert(
        self, condition: Condition, balance: int, *, over: bool = False, detail: str = ""
    ) -> Alert:
        return Alert(
            condition=condition,
            detail=detail,
            over=over,
            balance=balance,
            pictures=balance // self.price,
        )


def _key(condition: Condition, detail: str = "") -> str:
    return f"alert:{condition}:{detail}"
