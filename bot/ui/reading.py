"""What an interaction says, as values of the domain."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.errors import TransientError
from bot.domain.job import Actor, Place, PlaceKind, Requester
from bot.domain.pictures import SentFile
from bot.domain.refusals import BadPicture, MissingPermissions, NotYours, PictureFault, ThreadLocked
from bot.domain.servers import Who

# What a bot may upload where nobody boosted: 10 MiB (an interaction's own limit can be the
# member's, which does not hold for the bot's messages).
SMALLEST_FILE_LIMIT = 10 * 1024 * 1024

NEEDED = ("view_channel", "attach_files", "read_message_history", "add_reactions")
PICTURE_NAMES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic")
THREADED = (discord.ChannelType.text, discord.ChannelType.news)


def requester_of(interaction: discord.Interaction) -> Requester:
    """Read who asks."""
    user = interaction.user
    return Requester(
        id=user.id,
        name=user.display_name,
        roles=roles_of(user),
        guild_id=interaction.guild_id,
    )


def roles_of(user: discord.User | discord.Member | None) -> tuple[int, ...]:
    """Read the roles of a member, without the one that all have; a user outside has none."""
    if not isinstance(user, discord.Member):
        return ()
    return tuple(role.id for role in user.roles if not role.is_default())


def actor_of(interaction: discord.Interaction) -> Actor:
    """Read who presses, and whether they moderate here."""
    moderates = interaction.guild_id if interaction.permissions.manage_messages else None
    return Actor(
        id=interaction.user.id,
        moderates=moderates,
        guild_id=interaction.guild_id,
        owner=_owns(interaction.client.application, interaction.user.id),
    )


def _owns(application: discord.AppInfo | None, user_id: int) -> bool:
    """Tell whether somebody owns the bot, as discord.py's `is_owner` does, but without asking."""
    if application is None or application.team is None:
        return application is not None and application.owner.id == user_id
    roles = {discord.TeamMemberRole.admin, discord.TeamMemberRole.developer}
    return any(one.id == user_id and one.role in roles for one in application.team.members)


def place_of(interaction: discord.Interaction, *, private: bool = False) -> Place:
    """Read where it was asked; MissingPermissions when the bot could not answer there."""
    channel = interaction.channel
    kind = _kind(channel)
    rights = interaction.app_permissions
    if kind is not PlaceKind.DM and not private:
        _require(channel, kind, rights)
        _require_open(channel, rights)
    threads = rights.create_public_threads and rights.send_messages_in_threads
    guild = interaction.guild
    return Place(
        kind=kind,
        channel_id=interaction.channel_id or 0,
        guild_id=interaction.guild_id,
        file_limit=guild.filesize_limit if guild else SMALLEST_FILE_LIMIT,
        threads=threads and getattr(channel, "type", None) in THREADED,
        private=private,
        age_restricted=is_age_restricted(channel),
        parent_channel_id=getattr(channel, "parent_id", None),
    )


def _kind(channel: object) -> PlaceKind:
    if isinstance(channel, discord.Thread):
        return PlaceKind.THREAD
    if isinstance(channel, discord.DMChannel | discord.GroupChannel):
        return PlaceKind.DM
    return PlaceKind.CHANNEL


def _require(channel: object, kind: PlaceKind, rights: discord.Permissions) -> None:
    send = "send_messages_in_threads" if kind is PlaceKind.THREAD else "send_messages"
    missing = [right for right in (*NEEDED, send) if not getattr(rights, right)]
    if missing:
        place = getattr(channel, "mention", "this channel")
        raise MissingPermissions(place=place, names=permission_names(missing))


def permission_names(rights: Sequence[str]) -> tuple[str, ...]:
    """Name rights as Discord's client does."""
    return tuple(right.replace("_", " ").title() for right in rights)


def _require_open(channel: object, rights: discord.Permissions) -> None:
    if isinstance(channel, discord.Thread) and channel.locked and not rights.manage_threads:
        raise ThreadLocked


def is_age_restricted(channel: object) -> bool:
    """Tell whether a channel is age-restricted; what has no such mark is not."""
    asks = getattr(channel, "is_nsfw", None)
    return bool(asks and asks())


def sent_file(option: str, attachment: discord.Attachment) -> SentFile:
    """Read what a member claims of a file; its bytes come later."""
    return SentFile(
        name=attachment.filename,
        option=option,
        byte_count=attachment.size,
        spoiler=attachment.is_spoiler(),
        read=lambda: _read(option, attachment),
    )


def attachments_of(
    interaction: discord.Interaction, message: discord.Message, whose: Who
) -> tuple[list[discord.Attachment], list[str]]:
    """List the pictures of a message, and the names of its other files.

    NotYours when it is neither the member's own nor the bot's, unless the server opens everyone's.
    """
    me = interaction.client.user
    if whose is not Who.EVERYONE and message.author.id not in {interaction.user.id, me and me.id}:
        raise NotYours
    pictures = [one for one in message.attachments if _claims_to_be_a_picture(one)]
    return pictures, [one.filename for one in message.attachments if one not in pictures]


def _claims_to_be_a_picture(attachment: discord.Attachment) -> bool:
    named = attachment.filename.lower().endswith(PICTURE_NAMES)
    return named or (attachment.content_type or "").startswith("image/")


def attachment_json(attachment: discord.Attachment) -> dict[str, Any]:
    """Make what Discord says of a file ready to be remembered."""
    return dict(attachment.to_dict())


def stored_attachments(
    interaction: discord.Interaction, noted: Sequence[dict[str, Any]]
) -> list[discord.Attachment]:
    """Make files of what was remembered of them."""
    state = interaction._state  # noqa: SLF001 - an attachment is read through its client's session
    return [discord.Attachment(data=one, state=state) for one in noted]  # type: ignore[arg-type]


async def _read(option: str, attachment: discord.Attachment) -> bytes:
    """Fetch a file a member sent; its size was checked before."""
    try:
        return await attachment.read()
    except (discord.NotFound, discord.Forbidden) as error:
        fault = PictureFault.LINK_DIED
        raise BadPicture(name=attachment.filename, option=option, fault=fault) from error
    except discord.HTTPException as error:
        raise TransientError("an attachment cannot be read") from error
