"""The forms of a server's settings: words, budgets and limits; the rule of a role."""

from __future__ import annotations

import discord

from bot.domain.errors import TransientError
from bot.domain.money import MICROS_PER_DOLLAR, micros
from bot.domain.server_refusals import BadSetting
from bot.domain.servers import RoleRule, ServerSettings
from bot.ui.forms import files_of, values_of
from bot.ui.panel import PREFIX, Part
from bot.ui.texts import manage as words

MOST_WORDS = 10_000
MOST_BYTES = 400_000
SHOWN_CHARACTERS = 3000
MOST_WEIGHT = 10
MOST_NUMBER = 1_000_000


def numbers_form(settings: ServerSettings) -> discord.ui.Modal:
    """Make the form of words, budgets and limits; a list too long to be shown comes by file."""
    form = discord.ui.Modal(title=words.NUMBERS, custom_id=PREFIX + Part.NUMBERS)
    text = discord.ui.TextInput[discord.ui.Modal](
        custom_id="words",
        style=discord.TextStyle.paragraph,
        default=_listed(settings) if _fits(settings) else "",
        required=False,
        max_length=4000,
    )
    file = discord.ui.FileUpload[discord.ui.Modal](
        custom_id="file", required=False, min_values=0, max_values=1
    )
    money = words.pair(_whole(settings.budget_day), _whole(settings.budget_month))
    limits = words.pair(settings.images_per_hour, settings.images_per_day)
    for label, hint, item in (
        (words.WORDS, None, text),
        (words.WORDS_FILE, words.WORDS_HINT, file),
        (words.BUDGETS, words.AS_OWNER, _short("budgets", money)),
        (words.LIMITS, words.AS_OWNER, _short("limits", limits)),
    ):
        form.add_item(discord.ui.Label(text=label, description=hint, component=item))
    form.stop()
    return form


def _listed(settings: ServerSettings) -> str:
    return ", ".join(settings.blocked_words)


def _fits(settings: ServerSettings) -> bool:
    return len(_listed(settings)) <= SHOWN_CHARACTERS


def role_form(role: discord.Role, rule: RoleRule | None) -> discord.ui.Modal:
    """Make the form of one role's rule."""
    form = discord.ui.Modal(
        title=words.role_title(role.name), custom_id=f"{PREFIX}{Part.ROLE}:{role.id}"
    )
    limits = words.pair(rule.images_per_hour, rule.images_per_day) if rule else ""
    weight = str(rule.weight) if rule else ""
    for label, hint, item in (
        (words.ROLE_LIMITS, words.AS_OWNER, _short("limits", limits)),
        (words.WEIGHT, words.ROLE_HINT, _short("weight", weight)),
    ):
        form.add_item(discord.ui.Label(text=label, description=hint, component=item))
    form.stop()
    return form


def _short(name: str, value: str) -> discord.ui.TextInput[discord.ui.Modal]:
    return discord.ui.TextInput(custom_id=name, default=value, required=False, max_length=30)


def _whole(amount: int | None) -> str | None:
    return None if amount is None else f"{amount / MICROS_PER_DOLLAR:g}"


async def read_numbers(
    interaction: discord.Interaction, settings: ServerSettings
) -> dict[str, object]:
    """Read the form of words, budgets and limits, as it is stored; raises BadSetting.

    A list that was too long to be shown stays, unless another one was written or sent.
    """
    values = values_of(interaction)
    day, month = _pair(str(values.get("budgets") or ""), scale=MICROS_PER_DOLLAR)
    hourly, daily = _pair(str(values.get("limits") or ""))
    changed: dict[str, object] = {
        "budget_day": day,
        "budget_month": month,
        "images_per_hour": hourly,
        "images_per_day": daily,
    }
    files = files_of(interaction, values.get("file") or [])
    listed = str(values.get("words") or "")
    if not (files or listed or _fits(settings)):
        return changed
    if files:
        listed = await _text(files[0])
    found = [one.strip() for one in listed.replace("\n", ",").split(",") if one.strip()]
    if len(found) > MOST_WORDS:
        raise BadSetting(given=f"{len(found)} words")
    return changed | {"blocked_words": found}


def read_role(interaction: discord.Interaction, role_id: int) -> RoleRule | None:
    """Read the form of a role's rule; None when it is empty. Raises BadSetting."""
    values = values_of(interaction)
    limits, weight = str(values.get("limits") or ""), str(values.get("weight") or "").strip()
    if not limits.strip() and not weight:
        return None
    if weight and not (weight.isdecimal() and 1 <= int(weight) <= MOST_WEIGHT):
        raise BadSetting(given=weight)
    hourly, daily = _pair(limits)
    return RoleRule(
        role_id=role_id, images_per_hour=hourly, images_per_day=daily, weight=int(weight or 1)
    )


def rules_json(settings: ServerSettings, role_id: int, rule: RoleRule | None) -> dict[str, object]:
    """Put a role's rule in place of the one there was, as it is stored."""
    kept = [one for one in settings.roles if one.role_id != role_id]
    return {
        "roles": [
            {
                "role_id": one.role_id,
                "images_per_hour": one.images_per_hour,
                "images_per_day": one.images_per_day,
                "weight": one.weight,
            }
            for one in [*kept, *([rule] if rule else [])]
        ]
    }


def _pair(text: str, *, scale: int = 1) -> tuple[int | None, int | None]:
    """Read `5 / 50`; what is left out is None."""
    if not text.strip():
        return None, None
    parts = text.split("/")
    if len(parts) != 2:  # noqa: PLR2004 - a pair
        raise BadSetting(given=text)
    first, second = (_number(part.strip(), text, scale) for part in parts)
    return first, second


def _number(part: str, text: str, scale: int) -> int | None:
    if not part:
        return None
    plain = part.removeprefix("$").strip()
    whole = plain.replace(".", "", 1) if scale > 1 else plain
    if not (whole.isascii() and whole.isdecimal() and float(plain) <= MOST_NUMBER):
        raise BadSetting(given=text)
    return micros(plain) if scale > 1 else int(plain)


async def _text(file: discord.Attachment) -> str:
    """Read a list of words from a file: what is no text, or too large, is no list."""
    if file.size > MOST_BYTES:
        raise BadSetting(given=file.filename)
    try:
        return (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSetting(given=file.filename) from error
    except discord.HTTPException as error:
        raise TransientError("a file cannot be read") from error
