"""What happens in the demo: four members, two threads, a refusal, a failure, a showcase entry."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import discord
import simcord
from rich.console import Console

from bot.domain.errors import BotError
from bot.domain.job import Job, Status
from bot.domain.money import dollars
from bot.domain.pictures import Picture
from bot.sandbox.recorder import Recorder
from bot.sandbox.segmind import Fault, Mishap, Route
from bot.sandbox.session import Session
from bot.sandbox.transcript import (
    Attachment,
    Column,
    ColumnKind,
    Command,
    Transcript,
)

PATIENCE_SECONDS = 30.0
MOST = 15  # pictures of a request
PAGE_BYTES = 180_000  # a picture on the page
LONG_PROMPT = (
    "A small harbour through a whole year: ice on the ropes in January, the first boats "
    "painted in March, gulls and washing lines in May, a regatta in June with every flag up, fog "
    "so thick in September that only the lamps are left, and fireworks over black water on the "
    "last night. The same quay, the same height, the same lens each time, as if one person had "
    "stood there all year with one camera and a lot of patience"
)
LOOK_SECONDS = 0.05
NOTE = "Simulated service: no account, no network, no money. The bot is the real one."

File = tuple[str, bytes]


class Story:
    """Acts for the members and keeps what they saw."""

    def __init__(self, session: Session, console: Console) -> None:
        self._session = session
        self._console = console
        env = session.env
        self._guild = env.create_guild(name="Harbour Studio")
        self._art = self._guild.create_text_channel("art", topic="Make pictures here")
        self._board = self._guild.create_text_channel("showcase", topic="What members starred")
        self._mods = self._guild.create_text_channel("moderators", topic="Only moderators see it")
        self._ana, self._bob, self._carl, self._dora = (
            self._guild.add_member(env.create_user(name)) for name in ("Ana", "Bob", "Carl", "Dora")
        )
        rights = discord.Permissions(manage_guild=True, manage_messages=True)
        managers = self._guild.create_role("Managers", permissions=rights)
        self._mara = self._guild.add_member(env.create_user("Mara"), roles=[managers])
        self._recorder = Recorder(self._shrink)
        self._requests = 0

    async def tell(self, files: Sequence[File], prompt: str) -> None:
        """Let it happen."""
        watching = asyncio.create_task(self._recorder.watch((self._art, self._board)))
        try:
            await self._set_showcase()
            result = await self._imagine(self._ana, prompt, files)
            await self._reroll(result)
            await self._album()
            await self._failure()
            await self._refusal()
            await self._stars(result)
            await self._look_back()
            await self._moderate()
        finally:
            watching.cancel()
            await asyncio.wait([watching])
        self._recorder.look((self._art, self._board))

    async def _set_showcase(self) -> None:
        answer = await self._mara.slash(self._art, "showcase set", channel=self._board, threshold=3)
        options = (("channel", "#showcase"), ("threshold", "3"))
        self._only_for(answer, "Mara", Command(user="Mara", name="showcase set", options=options))

    async def _imagine(
        self, member: simcord.MemberActor, prompt: str, files: Sequence[File]
    ) -> discord.Message:
        """Ask for a picture and wait until it stands in its thread; return its last message."""
        self._say(f"{member.name} uses /imagine with {len(files)} pictures")
        await self._slash(member, prompt, files, max_images=1)
        job = await self._delivered(1)
        self._say(f"the result is in the thread, for {dollars(job.cost or 0)}")
        return self._art.threads[0].history()[-1]

    async def _reroll(self, result: discord.Message) -> None:
        self._say("Bob reacts with 🔁")
        self._requests += 1
        await self._bob.react(result, "🔁")
        await self._delivered(2)
        self._say("his reroll stands below it")

    async def _album(self) -> None:
        self._say(f"Carl asks for {MOST} at once, in many words")
        await self._slash(self._carl, LONG_PROMPT, (), max_images=MOST, size="2K")
        await self._delivered(4)  # his pictures take two messages
        self._say("they are in a thread of their own")

    async def _failure(self) -> None:
        self._say("Dora's words are refused by the service's content rules")
        refused = Fault(Route.RESULT, Mishap.FAIL_RUN, text="Blocked by the content policy")
        self._session.segmind.behaviour.faults.append(refused)
        await self._slash(self._dora, "something nobody should see", (), max_images=1)
        await _until(self._has_failed)

    async def _has_failed(self) -> bool:
        return any("refused by the content rules" in one.content for one in self._art.history())

    async def _refusal(self) -> None:
        self._say(f"Bob asks for {MOST}, one more than an hour has left for him")
        await self._slash(self._bob, "every day of a fortnight at the harbour", (), max_images=MOST)

    async def _moderate(self) -> None:
        self._say("Mara looks at /manage status, and changes settings")
        answer = await self._mara.slash(self._mods, "manage status")
        self._only_for(answer, "Mara", Command(user="Mara", name="manage status"))
        answer = await self._mara.slash(self._mods, "manage settings")
        if answer.response is None:
            raise BotError("Mara got no panel")
        panel = answer.response
        for part, value in (("channels", self._art), ("moderators_channel_id", self._mods)):
            await self._mara.select(panel, [value], custom_id=f"set:{part}")
        self._only_for(answer, "Mara", Command(user="Mara", name="manage settings"))

    async def _look_back(self) -> None:
        self._say("Ana looks through her own with /results")
        answer = await self._ana.slash(self._art, "results")
        self._only_for(answer, "Ana", Command(user="Ana", name="results"))

    async def _stars(self, result: discord.Message) -> None:
        self._say("Bob, Carl and Dora react with ⭐")
        for member in (self._bob, self._carl, self._dora):
            await member.react(result, "⭐")
        await _until(self._on_the_board)
        self._say("it is in #showcase, with credit to Ana")
        answer = await self._dora.slash(self._board, "showcase top")
        self._only_for(answer, "Dora", Command(user="Dora", name="showcase top"))

    async def _on_the_board(self) -> bool:
        return bool(self._board.history())

    async def _slash(
        self, member: simcord.MemberActor, prompt: str, files: Sequence[File], **options: int | str
    ) -> None:
        self._requests += 1
        attached = {f"image{number}": file for number, file in enumerate(files, start=1)}
        answer = await member.slash(self._art, "imagine", prompt=prompt, **options, **attached)
        pictures = tuple([await self._attached(name, data) for name, data in files])
        self._only_for(
            answer,
            member.name,
            Command(
                user=member.name,
                name="imagine",
                prompt=prompt,
                options=tuple((name, str(value)) for name, value in options.items()),
                pictures=pictures,
            ),
        )

    async def _attached(self, name: str, data: bytes) -> Attachment:
        small = await self._session.parts.pictures.preview(data)
        return Attachment(
            data=small.data,
            content_type=small.content_type,
            name=name,
            width=small.width,
            height=small.height,
        )

    async def _shrink(self, data: bytes) -> Picture:
        return await self._session.parts.pictures.fit(data, byte_limit=PAGE_BYTES)

    def _only_for(self, answer: simcord.InteractionResult, member: str, command: Command) -> None:
        if answer.response is None:
            raise BotError(f"{member} got no answer")
        self._recorder.only_for(answer.response.message, member, command)

    async def _delivered(self, count: int) -> Job:
        """Wait for that many results in the thread, and for the last one's card to be final."""

        async def stands() -> bool:
            jobs = [await self._job(message) for message in self._results()]
            return len(jobs) >= count and all(job.status is Status.DELIVERED for job in jobs)

        await _until(stands)
        return await self._job(self._results()[-1])

    def _results(self) -> list[discord.Message]:
        return [
            message
            for thread in self._art.threads
            for message in thread.history()
            if message.attachments
        ]

    async def _job(self, message: discord.Message) -> Job:
        job = await self._session.parts.store.job_by_message(message.id)
        if job is None:
            raise BotError("a result belongs to no job")
        return job

    async def pictures(self) -> dict[str, bytes]:
        """Give every picture posted in the thread, under a name that says whose it is."""
        found = {}
        for message in self._results():
            job = await self._job(message)
            for attachment in message.attachments:
                name = f"{job.requester.name.lower()}-{attachment.filename}"
                found[name] = await attachment.read()
        return found

    async def transcript(self) -> Transcript:
        """Give what members saw."""
        segmind = self._session.segmind
        first, *others = self._art.threads
        return Transcript(
            title="Harbour Studio",
            note=NOTE,
            columns=(
                await self._column(self._art, ColumnKind.CHANNEL),
                await self._column(first, ColumnKind.THREAD),
                await self._column(self._board, ColumnKind.SHOWCASE),
                await self._column(self._mods, ColumnKind.CHANNEL),
                *[await self._column(thread, ColumnKind.THREAD) for thread in others],
            ),
            figures=(
                ("requests of members", str(self._requests)),
                ("accepted submits", str(len(segmind.accepted))),
                ("paid in all", dollars(segmind.charged)),
                ("calls to the service", str(len(segmind.requests))),
            ),
            users={
                member.id: member.name
                for member in (self._ana, self._bob, self._carl, self._dora, self._mara)
            },
        )

    async def _column(self, channel: simcord.ChannelHandle, kind: ColumnKind) -> Column:
        return Column(
            id=channel.id,
            kind=kind,
            name=channel.name or "",
            messages=await self._recorder.messages(channel),
        )

    def _say(self, line: str) -> None:
        self._console.print(f"  • {line}")


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await condition():
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError as error:
        raise BotError(f"the demo waited {PATIENCE_SECONDS:.0f} s in vain") from error
