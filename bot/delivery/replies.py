"""Messages that answer another message."""

from typing import Any

import discord


def answering(channel_id: int, message_id: int | None) -> dict[str, Any]:
    """Make the keyword of `send` that answers a message, or none; a deleted one is no obstacle."""
    if message_id is None:
        return {}
    return {
        "reference": discord.MessageReference(
            message_id=message_id, channel_id=channel_id, fail_if_not_exists=False
        )
    }
