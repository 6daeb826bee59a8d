"""Good manners on a platform that loses answers."""

import re

import discord
import pytest

from bot.ui import forms
from tests.discord.conftest import Server, said


async def test_a_lost_acknowledgement_is_one_all_the_same(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py repeats a defer whose reply was lost, and Discord says that it had it."""
    defer = discord.InteractionResponse.defer
    response = type("Response", (), {"status": 400, "reason": "Bad Request"})()

    async def lost(self: object, **options: bool) -> None:
        await defer(self, **options)  # type: ignore[arg-type]  # passed through
        self._response_type = None  # type: ignore[attr-defined]  # as if it had not been heard
        raise discord.HTTPException(response, {"code": 40060, "message": "already"})

    monkeypatch.setattr(discord.InteractionResponse, "defer", lost)
    answer = await server.ana.slash(server.art, "imagine", prompt="a fox")
    assert said(answer).startswith("In line as #")


async def test_a_form_of_another_time_is_answered(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = await server.ana.slash(server.art, "compose")
    monkeypatch.setattr(forms, "_CUSTOM_ID", re.compile("as it was called then"))
    answer = await server.ana.submit_modal(form, {"prompt": "a fox"})
    assert said(answer) == "This form is from an earlier version. Please open it again."
    assert await server.jobs() == []


async def test_a_button_of_another_time_is_answered(server: Server) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Old", custom_id="upscale:k7f3q"))
    view.stop()
    channel = server.session.bot.get_partial_messageable(server.art.id)
    message = await channel.send("an old message", view=view)
    answer = await server.ana.click(message, label="Old")
    assert said(answer) == "This button is from an earlier version and does nothing any more."
