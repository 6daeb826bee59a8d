"""The main job, from command to thread, with real pictures."""

from io import BytesIO

import pytest
from PIL import Image

from bot.domain.job import Stage, Status
from tests.discord.conftest import Server, until
from tests.pictures import jpeg, png
from tests.storage_views import ledger_rows


async def test_a_prompt_alone_becomes_a_picture_in_a_thread(server: Server) -> None:
    told = await server.imagine("a fox in the rain")
    (job,) = await server.settled()
    assert told.startswith(f"In line as #{job.id}: 1 picture, up to $0.035.")
    (result,) = server.results
    assert result.content.startswith(f"<@{server.ana.id}> your picture is ready.\n-# 16:9 · 3K ·")
    with Image.open(BytesIO(await result.attachments[0].read())) as picture:
        assert picture.size == (4096, 2304)


async def test_the_card_leads_from_line_to_result(server: Server) -> None:
    await server.imagine("a fox in the rain")
    await server.settled()
    await until(lambda: _is_done(server))
    (card,) = server.cards
    (thread,) = server.art.threads
    assert card.content.startswith("**Ana**: `a fox in the rain`\nDone in ")
    assert card.content.endswith(f"1 picture → <#{thread.id}>")
    assert thread.id == card.id
    assert thread.name == "a fox in the rain"
    with Image.open(BytesIO(await card.attachments[0].read())) as preview:
        assert max(preview.size) == 512
    await until(lambda: _is_seeded(server))


async def _is_seeded(server: Server) -> bool:
    return [str(one.emoji) for one in server.cards[0].reactions] == ["🔁", "⭐"]


async def _is_done(server: Server) -> bool:
    return all(job.delivery.stage is Stage.DONE for job in await server.jobs())


async def test_one_picture_gives_the_result_its_shape(server: Server) -> None:
    await server.imagine("in watercolours", image1=("me.jpg", jpeg(600, 800)), size="2K")
    (job,) = await server.settled()
    assert job.request.aspect_ratio == "3:4"
    assert "from 1 picture" in server.results[0].content
    with Image.open(BytesIO(await server.results[0].attachments[0].read())) as picture:
        assert picture.size == (1728, 2304)


async def test_ten_pictures_arrive_in_order_and_the_card_says_which_is_which(
    server: Server,
) -> None:
    files = {f"image{n}": (f"p{n}.png", png(40 + n, 40)) for n in range(1, 11)}
    await server.imagine("all of them", size="2K", **files)
    (job,) = await server.settled()
    assert [image.width for image in job.request.images] == [40 + n for n in range(1, 11)]
    submitted = server.session.segmind.accepted[0]
    assert len(submitted.body["image_input"]) == 10
    assert "1 = `p1.png`" in server.cards[0].content
    assert "10 = `p10.png`" in server.cards[0].content


async def test_a_gap_in_the_numbering_closes(server: Server) -> None:
    await server.imagine("x", image2=("b.png", png(50, 40)), image5=("e.png", png(60, 40)))
    (job,) = await server.settled()
    assert [image.name for image in job.request.images] == ["b.png", "e.png"]


async def test_every_option_reaches_the_provider_spelled_out(server: Server) -> None:
    await server.imagine(
        "x", aspect_ratio="1:1", max_images=2, size="2K", optimize_prompt="standard", watermark=True
    )
    await server.settled()
    body = server.session.segmind.accepted[0].body
    assert {key: value for key, value in body.items() if key != "image_input"} == {
        "prompt": "x",
        "aspect_ratio": "1:1",
        "max_images": 2,
        "size": "2K",
        "optimize_prompt": "standard",
        "watermark": True,
    }


async def test_fifteen_pictures_are_two_messages_with_one_ping(server: Server) -> None:
    await server.imagine("a storyboard", max_images=15, size="2K")
    (job,) = await server.settled()
    first, last = server.results
    assert [len(first.attachments), len(last.attachments)] == [10, 5]
    assert first.content.startswith(f"<@{server.ana.id}>")
    assert "<@" not in last.content
    assert [str(reaction.emoji) for reaction in last.reactions] == ["🔁", "⭐"]
    assert not first.components
    assert last.components
    assert last.attachments[-1].description == "Picture 15 of 15: a storyboard"
    assert len(job.results) == 15


async def test_inside_a_thread_the_result_comes_there_and_the_card_goes(server: Server) -> None:
    await server.imagine("first")
    await server.settled()
    thread = server.art.threads[0]
    await server.bob.slash(thread, "imagine", prompt="second")
    jobs = await server.settled(2)
    await until(lambda: _card_gone(server))
    assert len(server.art.threads) == 1
    assert thread.history()[-1].content.startswith(f"<@{server.bob.id}> your picture is ready.")
    assert jobs[1].delivery.channel_id == thread.id


async def _card_gone(server: Server) -> bool:
    jobs = await server.jobs()
    return jobs[-1].delivery.card_id is None and jobs[-1].status is Status.DELIVERED


async def test_a_private_request_leaves_nothing_in_the_channel(server: Server) -> None:
    told = await server.imagine("a secret", private=True)
    assert "Only you will see it" in told
    await until(lambda: _delivered(server))
    assert server.cards == []
    assert server.art.threads == []
    (message,) = server.ana.user.dm_channel.history()
    assert len(message.attachments) == 1


async def _delivered(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.DELIVERED]


async def test_a_spoiler_stays_one(server: Server) -> None:
    await server.imagine("x", image1=("SPOILER_me.jpg", jpeg(300, 300)))
    await server.settled()
    assert server.results[0].attachments[0].is_spoiler()
    await until(lambda: _is_done(server))
    assert server.cards[0].attachments[0].is_spoiler()


@pytest.mark.parametrize(
    "prompt",
    ["@everyone look", "**bold** [x](https://evil.example) `code`", "turn \u202e round", "<@1>"],
)
async def test_a_prompt_pings_nobody_and_renders_nothing(server: Server, prompt: str) -> None:
    await server.imagine(prompt)
    await server.settled()
    everything = [*server.cards, *server.results]
    assert {user.id for message in everything for user in message.mentions} == {server.ana.id}
    assert not any(message.mention_everyone for message in everything)
    for request in server.session.env.http_requests:
        if request.method == "POST" and request.path.endswith("/messages"):
            assert request.json is not None
            allowed = request.json["allowed_mentions"]
            assert allowed["parse"] == []
            assert allowed.get("users", []) in ([], [server.ana.id], [str(server.ana.id)])


async def test_money_is_settled_by_what_the_provider_reports(server: Server) -> None:
    await server.imagine("x")
    await server.settled()
    rows = await ledger_rows(server.session.parts.database)
    assert [(row.event, row.amount) for row in rows] == [("reserve", 35_000), ("settle", 35_000)]
