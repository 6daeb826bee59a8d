"""Values for tests, complete but for what a test is about."""

from typing import Any

from bot.domain.job import GenerationRequest, NewJob, Place, PlaceKind, Requester, StoredPicture
from bot.domain.limits import Budgets, GateLimits, UserLimits
from bot.domain.money import micros
from bot.storage.submitting import Rules

PRICE = 35_000
ANA = Requester(id=100, name="Ana")
BOB = Requester(id=200, name="Bob")


def request(**changes: Any) -> GenerationRequest:
    values: dict[str, Any] = {
        "prompt": "a fox in the rain",
        "images": (),
        "aspect_ratio": "16:9",
        "size": "2K",
        "max_images": 1,
        "optimize_prompt": "fast",
        "watermark": False,
    }
    return GenerationRequest(**values | changes)


def place(**changes: Any) -> Place:
    values: dict[str, Any] = {
        "kind": PlaceKind.CHANNEL,
        "channel_id": 10,
        "guild_id": 1,
        "file_limit": 10 * 1024 * 1024,
    }
    return Place(**values | changes)


_numbers = iter(range(10**9))


def new_job(requester: Requester = ANA, **changes: Any) -> NewJob:
    values: dict[str, Any] = {
        "key": f"key:{next(_numbers)}",
        "requester": requester,
        "place": place(),
        "request": request(),
        "price": PRICE,
    }
    return NewJob(**values | changes)


def batch(images: int, requester: Requester = ANA) -> NewJob:
    return new_job(requester, request=request(max_images=images))


def picture(name: str = "picture") -> StoredPicture:
    return StoredPicture(
        key=f"100/{name}.jpg",
        name=f"{name}.jpg",
        content_type="image/jpeg",
        width=64,
        height=36,
        byte_count=1000,
    )


def rules(user: dict[str, int] | None = None, budgets: dict[str, int] | None = None) -> Rules:
    limits = {
        "max_running": 2,
        "max_waiting": 10,
        "max_images_per_request": 15,
        "images_per_hour": 20,
        "images_per_day": 40,
    }
    money = {
        "guild_day": micros(5),
        "guild_month": micros(50),
        "dm_day": 0,
        "all_day": micros(10),
        "all_month": micros(100),
    }
    return Rules(
        user=UserLimits(**limits | (user or {})), budgets=Budgets(**money | (budgets or {}))
    )


OPEN_GATE = GateLimits(max_running=8, requests_per_minute=100_000)
