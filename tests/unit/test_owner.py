"""Who owns the bot."""

from types import SimpleNamespace

import discord
import pytest

from bot.ui.reading import actor_of

ADMIN, DEVELOPER, READER = (
    discord.TeamMemberRole.admin,
    discord.TeamMemberRole.developer,
    discord.TeamMemberRole.read_only,
)
TEAM = SimpleNamespace(
    members=[
        SimpleNamespace(id=1, role=ADMIN),
        SimpleNamespace(id=2, role=DEVELOPER),
        SimpleNamespace(id=3, role=READER),
    ]
)
ALONE = SimpleNamespace(team=None, owner=discord.Object(1))
TOGETHER = SimpleNamespace(team=TEAM, owner=discord.Object(99))


@pytest.mark.parametrize(
    ("application", "user_id", "owns"),
    [
        (None, 1, False),
        (ALONE, 1, True),
        (ALONE, 2, False),
        (TOGETHER, 1, True),
        (TOGETHER, 2, True),
        (TOGETHER, 3, False),
        (TOGETHER, 99, False),
    ],
)
def test_the_owner_or_those_of_the_team_who_run_it(
    application: object, user_id: int, owns: bool
) -> None:
    interaction = SimpleNamespace(
        permissions=discord.Permissions.none(),
        guild_id=None,
        user=discord.Object(user_id),
        client=SimpleNamespace(application=application),
    )
    assert actor_of(interaction).owner is owns  # type: ignore[arg-type]  # all that is read of it
