"""What the owner reads: what was found, and the one thing to do about it."""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.money import dollars

NOT_CHECKED = "not checked (needs {needs})"
SLOW = "no answer within {seconds:.0f} s"
ALL_WELL = "All is well."
NOT_ALL = "Nothing is known to be wrong, but not all could be checked."
WRONG = "{broken} of {all} checks found something to do."

TOKEN_REFUSED = "Discord refuses DISCORD_TOKEN"  # noqa: S105 - a sentence
TOKEN_STEP = "Copy it again from the Developer Portal under Bot → Reset Token."  # noqa: S105 - a sentence
DISCORD_STEP = "Try again; if it stays so, see discordstatus.com and this machine's network."

INTENTS_HOLD = "asks for none that is privileged; the others need no permission"
INTENTS_STEP = "Switch them on in the Developer Portal under Bot → Privileged Gateway Intents."

PRIVATE = "private: only its owner can add it to servers"
LISTED = "public, but only the servers in GUILD_IDS may spend"
PUBLIC = "public, and GUILD_IDS is empty: anyone can add it and spend your credit"
PUBLIC_STEP = (
    "Turn Public Bot off in the Developer Portal under Bot (first set Installation → Install Link "
    "to None), or set GUILD_IDS."
)
ENDPOINT = "its interactions are sent to a web address and never reach this bot"
ENDPOINT_STEP = "Clear Interactions Endpoint URL in the Developer Portal under General Information."

RIGHTS_STEP = "Allow it to the bot's role in these channels, under Edit Channel → Permissions."
USABLE_NOWHERE = "not used yet, and no text channel has all it needs: {lacks}"
USABLE = "not used yet; it may work in {usable} of {all} text channels it can see"

COMMANDS_STEP = "Start the bot (python -m bot): it tells Discord of its commands."

OWNER_TOLD_DIRECTLY = "no ALERT_CHANNEL_ID: the application's owner is told by direct message"
ALERT_GONE = "ALERT_CHANNEL_ID {id} is no channel the bot can see"
ALERT_GONE_STEP = "Set ALERT_CHANNEL_ID to a channel's id, in a server the bot is in."
ALERT_MUTE = "ALERT_CHANNEL_ID: the bot lacks {rights} there"
ALERT_MUTE_STEP = "Allow it there to the bot's role, under Edit Channel → Permissions."
ALERT_HOLDS = "the channel of ALERT_CHANNEL_ID can be written to"

KEY_HOLDS = "Segmind accepts it"
KEY_REFUSED = "Segmind refuses SEGMIND_API_KEY"
KEY_STEP = "Make a key in the Segmind console under API Keys and set SEGMIND_API_KEY to it."
SEGMIND_STEP = "Try again; if it stays so, see SEGMIND_API_URL and this machine's network."
CREDIT_STEP = "Put credit on the account in the Segmind console under Billing."

NO_DATABASE_STEP = "Run python -m bot migrate: it makes the database (or mend DATABASE_URL)."
DRIVER_STEP = "Install it: pip install -e '.[postgres]'"
DATABASE_STEP = "Mend DATABASE_URL, or start the database it names."
BEHIND = "it is at {current}, this program needs {head}"
EMPTY = "it has no tables yet"
NEWER = "it is at {current}, which this program does not know: a newer one made it"
MIGRATE_STEP = "Run python -m bot migrate."
NEWER_STEP = "Install the newest version of this program."

STORE_HOLDS = "a probe was written, read and deleted"
STORE_DIFFERS = "a probe was written, but something else was read"
STORE_STEP = "Mend IMAGE_STORE_URL (for S3 the AWS variables too), or the rights on that place."
MARK_HOLDS = "database and image store belong together"
MARK_NEW = "neither is in use yet; the first start puts the same mark on both"
MARK_DIFFERS = "the image store is not the one this database has used so far"
MARK_STEP = (
    "Set IMAGE_STORE_URL back, or move the pictures: python -m bot migrate --copy-images-from …"
)

NO_DATE = "not checked (needs an answer of Discord)"
CLOCK_STEP = "Let this machine keep time by itself: timedatectl set-ntp true, say."
DATABASE_CLOCK_STEP = (
    "Let the database's machine keep time by itself: timedatectl set-ntp true, say."
)


def rights_hold(count: int) -> str:
    """Say that nothing is missing in the channels in use."""
    return f"nothing is missing in {'the channel' if count == 1 else f'{count} channels'} in use"


def lacks(channel: str, rights: Iterable[str]) -> str:
    """Say what is missing in a channel."""
    return f"#{channel}: {', '.join(rights)}"


def everywhere(servers: Mapping[str, Sequence[str]]) -> str:
    """Join what is said of each server."""
    return "; ".join(f"{server}: {'; '.join(said)}" for server, said in servers.items())


def servers(names: Sequence[str]) -> str:
    """Name the servers."""
    return f"{len(names)}: {', '.join(names)}"


def no_servers(invite: str) -> tuple[str, str]:
    """Say that it is nowhere."""
    return "it is in no server", f"Open {invite} and choose a server."


def absent(ids: Iterable[int], invite: str) -> tuple[str, str]:
    """Say that GUILD_IDS names servers it is not in."""
    named = ", ".join(str(one) for one in ids)
    return (
        f"GUILD_IDS names servers it is not in: {named}",
        f"Take them out of GUILD_IDS, or bring it there: {invite}",
    )


def intents(missing: Iterable[str]) -> str:
    """Say which intents the portal withholds."""
    return f"switched off in the Developer Portal: {', '.join(missing)}"


def commands(count: int) -> str:
    """Say that they are in step."""
    return f"in step: {count}"


def out_of_step(names: Iterable[str]) -> str:
    """Say which commands Discord has otherwise."""
    return f"Discord has others: {', '.join(names)}"


def credit(balance: int, pictures: int) -> str:
    """Say how far the money goes."""
    return f"{dollars(balance)}, about {pictures} pictures"


def off(seconds: float) -> str:
    """Say how far a clock is from Discord's."""
    if abs(seconds) < 1:
        return "less than 1 s off Discord's"
    return f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} Discord's"
