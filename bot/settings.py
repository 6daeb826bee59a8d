"""Settings, read once from the environment. The README's table and `.env.example` list the same.

Errors are built from the hints below, never from the validation library's text: that could hold
the value, and the value could be the token.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.domain.errors import BotError
from bot.domain.limits import Budgets, GateLimits, UserLimits
from bot.domain.model import PROFILES
from bot.domain.money import micros


class SettingsError(BotError):
    """A setting is missing or malformed; the text names it and says what it should look like."""


def _split(value: object) -> object:
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _strip(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.strip() for value in values)


def _starts_with(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value.startswith(schemes):
            raise ValueError
        return value.rstrip("/") if value.startswith("http") else value

    return AfterValidator(check)


Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(_split)]
Numbers = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_split)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_strip)]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000)]
Port = Annotated[int, Field(ge=1, le=65_535)]
HttpUrl = Annotated[str, _starts_with("https://", "http://")]


class Settings(BaseSettings):
    """Everything the owner can set; `description` is what a right value looks like."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, hide_input_in_errors=True, extra="ignore"
    )

    discord_token: SecretStr = Field(
        description="the bot's token, from the Discord Developer Portal under Bot → Reset Token"
    )
    segmind_api_key: SecretStr = Field(
        description="your key, from the Segmind console under API Keys"
    )
    guild_ids: Ids = Field(
        frozenset(), description="server ids separated by commas; empty: every server may spend"
    )
    segmind_api: Literal["auto", "v2", "v1"] = Field("auto", description="auto, v2 or v1")
    segmind_model: str = Field(
        "seedream-v5-lite-image-to-image", description=f"one of: {', '.join(PROFILES)}"
    )
    segmind_api_url: HttpUrl = Field("https://api.segmind.com", description="an https:// address")
    segmind_upload_url: HttpUrl = Field(
        "https://workflows-api.segmind.com", description="an https:// address"
    )
    segmind_history_url: HttpUrl = Field(
        "https://api.spotprod.segmind.com", description="an https:// address"
    )
    segmind_result_hosts: Words = Field(
        ("images.segmind.com", "storage.segmind.com"),
        description="hosts (or host:port) separated by commas",
    )
    segmind_max_running: PositiveInt = Field(8, description="a whole number of 1 or more")
    segmind_requests_per_minute: PositiveInt = Field(60, description="a whole number of 1 or more")
    segmind_polls_per_minute: PositiveInt = Field(120, description="a whole number of 1 or more")
    segmind_price_usd: Dollars = Field(Decimal("0.035"), description="dollars, like 0.035")
    segmind_deadline_seconds: PositiveInt = Field(600, description="a whole number of seconds")
    database_url: Annotated[str, _starts_with("sqlite:///", "postgresql://", "postgres://")] = (
        Field("sqlite:///data/bot.db", description="sqlite:///path or postgresql://…")
    )
    image_store_url: Annotated[str, _starts_with("file:", "s3://")] = Field(
        "file:data/images", description="file:path or s3://bucket/prefix"
    )
    image_retention_days: PositiveInt = Field(30, description="a whole number of days")
    user_max_running: PositiveInt = Field(2, description="a whole number of 1 or more")
    user_max_waiting: PositiveInt = Field(10, description="a whole number of 1 or more")
    user_max_images_per_request: PositiveInt = Field(15, description="a whole number of 1 or more")
    user_images_per_hour: NonNegativeInt = Field(20, description="a whole number")
    user_images_per_day: NonNegativeInt = Field(40, description="a whole number")
    guild_budget_usd_per_day: Dollars = Field(Decimal(5), description="dollars, like 5")
    guild_budget_usd_per_month: Dollars = Field(Decimal(50), description="dollars, like 50")
    budget_usd_per_day: Dollars = Field(Decimal(10), description="dollars, like 10")
    budget_usd_per_month: Dollars = Field(Decimal(100), description="dollars, like 100")
    dm_budget_usd_per_day: Dollars = Field(
        Decimal(0), description="dollars, like 1; 0: no generating in direct messages"
    )
    blocked_words: Words = Field((), description="words separated by commas")
    reroll_emoji: str = Field("🔁", description="one emoji")
    showcase_emoji: str = Field("⭐", description="one emoji")
    showcase_threshold: PositiveInt = Field(3, description="a whole number of 1 or more")
    shard_ids: Numbers = Field(
        (), description="shard numbers below SHARD_COUNT, separated by commas"
    )
    shard_count: PositiveInt | None = Field(None, description="a whole number of 1 or more")
    alert_channel_id: PositiveInt | None = Field(None, description="a channel's id")
    port: Port | None = Field(
        None, description="a port number, like 8080; empty: no /healthz and /metrics"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR"
    )
    log_format: Literal["text", "json"] = Field("text", description="text or json")

    @field_validator("segmind_model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        if value not in PROFILES:
            raise ValueError
        return value

    @model_validator(mode="after")
    def _whole_shards(self) -> Self:
        if self.shard_ids and not all(0 <= one < (self.shard_count or 0) for one in self.shard_ids):
            raise ValueError
        return self

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """Read the process's environment; SettingsError names what is wrong.

        `environment` is looked at for `DYNO` (a host that forgets its disk daily) alone.
        """
        try:
            settings = cls()
        except ValidationError as error:
            raise _explained(error) from None
        if "DYNO" in environment:
            settings.refuse_local_disk()
        return settings

    def refuse_local_disk(self) -> None:
        """Raise SettingsError where storage would be lost with the host's daily restart."""
        if self.database_url.startswith("sqlite"):
            raise SettingsError(
                "DATABASE_URL: this host forgets its disk daily; it needs postgresql://…"
            )
        if self.image_store_url.startswith("file"):
            raise SettingsError(
                "IMAGE_STORE_URL: this host forgets its disk daily; it needs s3://bucket/prefix"
            )

    @property
    def price(self) -> int:
        """Micro-dollars an image."""
        return micros(self.segmind_price_usd)

    @property
    def user_limits(self) -> UserLimits:
        """A member's limits."""
        return UserLimits(
            max_running=self.user_max_running,
            max_waiting=self.user_max_waiting,
            max_images_per_request=self.user_max_images_per_request,
            images_per_hour=self.user_images_per_hour,
            images_per_day=self.user_images_per_day,
        )

    @property
    def budgets(self) -> Budgets:
        """The hard stops in money."""
        return Budgets(
            guild_day=micros(self.guild_budget_usd_per_day),
            guild_month=micros(self.guild_budget_usd_per_month),
            dm_day=micros(self.dm_budget_usd_per_day),
            all_day=micros(self.budget_usd_per_day),
            all_month=micros(self.budget_usd_per_month),
        )

    @property
    def gate_limits(self) -> GateLimits:
        """The provider's shared cap and rate."""
        return GateLimits(
            max_running=self.segmind_max_running,
            requests_per_minute=self.segmind_requests_per_minute,
        )

    @property
    def shards(self) -> tuple[Sequence[int], int] | None:
        """The shards of this process and their number in all; None: as Discord advises."""
        if self.shard_count is None:
            return None
        return self.shard_ids or range(self.shard_count), self.shard_count

    @property
    def storage_line(self) -> str:
        """Where things are kept, without user names and passwords."""
        database = urlsplit(self.database_url)
        where = f"{database.scheme}://{database.hostname or ''}{database.path}"
        return f"database {where}, images {self.image_store_url}"


def _explained(error: ValidationError) -> SettingsError:
    fault = error.errors(include_input=False, include_context=False, include_url=False)[0]
    field = str(fault["loc"][0]) if fault["loc"] else "shard_ids"
    hint = Settings.model_fields[field].description
    problem = "is missing" if fault["type"] == "missing" else "is not right"
    return SettingsError(f"{field.upper()} {problem}: it should be {hint}")
