"""What the provider answers, whatever shape it came in."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The provider took the request; `provider_id` is where to ask for it."""

    provider_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """Not finished; `state` is the provider's word for it."""

    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """Finished. `outputs` are URLs, or bytes where the provider answers with the picture itself.

    `cost` and `balance` are micro-dollars, None where the provider did not tell.
    """

    outputs: tuple[str | bytes, ...]
    cost: int | None
    balance: int | None
