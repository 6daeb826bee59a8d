"""From what a member typed and attached to a durable job; nothing is spent before it is written."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.domain.job import (
    GenerationRequest,
    Job,
    NewJob,
    Place,
    PlaceKind,
    Requester,
    StoredPicture,
)
from bot.domain.limits import IntakeLimits
from bot.domain.model import ModelProfile
from bot.domain.pictures import EXTENSIONS, SentFile
from bot.domain.ports import ImageStore, Pictures
from bot.domain.refusals import (
    BadPicture,
    BlockedWords,
    EmptyPrompt,
    NotHere,
    NotHereReason,
    PictureFault,
    RequestTooLarge,
    TooManyAsked,
    TooManyPictures,
)
from bot.domain.servers import Standing
from bot.domain.stores import JobStore
from bot.domain.words import WordFilter

INTAKES_AT_ONCE = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """The options of a command as given; no ratio means the nearest to the first picture.

    `kept` are pictures stored before, used where no files are sent.
    """

    prompt: str
    files: Sequence[SentFile]
    aspect_ratio: str | None
    size: str
    max_images: int
    optimize_prompt: str
    watermark: bool
    kept: Sequence[StoredPicture] = ()
    spoiler: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """The owner's rules that need no database: the model, the price of a picture, who may spend."""

    model: ModelProfile
    price: int
    guild_ids: frozenset[int]
    dms: bool
    words: WordFilter
    intake: IntakeLimits = field(default_factory=IntakeLimits)


class Submission:
    """Checks a request, takes its pictures in and queues it. Raises UserError with the reason."""

    def __init__(
        self, *, store: JobStore, images: ImageStore, pictures: Pictures, house: House
    ) -> None:
        self._store = store
        self._images = images
        self._pictures = pictures
        self._house = house
        self._intakes = asyncio.Semaphore(INTAKES_AT_ONCE)

    async def submit(
        self,
        ask: Ask,
        *,
        key: str,
        requester: Requester,
        place: Place,
        parent_id: str | None = None,
    ) -> Job:
        """Queue what a member asks for; the same key again is the same job."""
        self._check_ask(ask, place)
        here = await self._store.check(requester, place, ask.max_images)
        self._check_words(ask.prompt, place, here)
        async with self._intakes:
            stored = [await self._take_in(file, requester) for file in ask.files]
        request = self._request(ask, stored or ask.kept)
        return await self._queue(
            request,
            key=key,
            requester=requester,
            place=place,
            parent_id=parent_id,
            fingerprint=_fingerprint(request, place),
        )

    async def queue(
        self,
        request: GenerationRequest,
        *,
        key: str,
        requester: Requester,
        place: Place,
        parent_id: str | None = None,
    ) -> Job:
        """Queue a request whose pictures are stored already."""
        self._check(request.prompt, len(request.images), request.max_images, place)
        here = await self._store.standing_of(place.guild_id, requester.id)
        here.check(place)
        self._check_words(request.prompt, place, here)
        return await self._queue(
            request, key=key, requester=requester, place=place, parent_id=parent_id
        )

    async def welcome(self, requester: Requester, place: Place) -> Standing:
        """Refuse before a form is shown what would be refused when it is sent."""
        here = await self._store.standing_of(place.guild_id, requester.id)
        here.check(place)
        return here

    async def _queue(
        self,
        request: GenerationRequest,
        *,
        key: str,
        requester: Requester,
        place: Place,
        parent_id: str | None,
        fingerprint: str | None = None,
    ) -> Job:
        return await self._store.submit(
            NewJob(
                key=key,
                requester=requester,
                place=place,
                request=request,
                price=self._house.price,
                parent_id=parent_id,
                fingerprint=fingerprint,
            )
        )

    def _check_ask(self, ask: Ask, place: Place) -> None:
        self._check(ask.prompt, len(ask.files or ask.kept), ask.max_images, place)
        limits = self._house.intake
        for file in ask.files:
            if file.byte_count > limits.file_bytes:
                raise BadPicture(
                    name=file.name, option=file.option, fault=PictureFault.TOO_LARGE_FILE
                )
        together = sum(file.byte_count for file in ask.files)
        if together > limits.request_bytes:
            raise RequestTooLarge(byte_count=together, allowed=limits.request_bytes)

    def _check(self, prompt: str, inputs: int, outputs: int, place: Place) -> None:
        house = self._house
        if place.kind is PlaceKind.DM and not house.dms:
            raise NotHere(reason=NotHereReason.DM)
        if place.guild_id and house.guild_ids and place.guild_id not in house.guild_ids:
            raise NotHere(reason=NotHereReason.SERVER)
        most = house.model.parameters["max_images"].maximum or 1
        if not 1 <= outputs <= most:
            raise TooManyAsked(asked=outputs, allowed=most)
        if not prompt.strip():
            raise EmptyPrompt
        if inputs + outputs > house.model.max_together:
            raise TooManyPictures(inputs=inputs, outputs=outputs, together=house.model.max_together)

    def _check_words(self, prompt: str, place: Place, here: Standing) -> None:
        """Refuse the owner's words, and the server's: both before anything is spent.

        Where a server is looser among adults, its own list does not count there.
        """
        looser = place.age_restricted and here.settings.looser_words
        own = WordFilter.of(() if looser else here.settings.blocked_words)
        if self._house.words.blocks(prompt) or own.blocks(prompt):
            raise BlockedWords

    async def _take_in(self, file: SentFile, requester: Requester) -> StoredPicture:
        data = await file.read()
        picture = await self._pictures.normalise(data, name=file.name, option=file.option)
        digest = hashlib.sha256(picture.data).hexdigest()
        stored = StoredPicture(
            key=f"{requester.id}/{digest}.{EXTENSIONS[picture.content_type]}",
            name=file.name,
            content_type=picture.content_type,
            width=picture.width,
            height=picture.height,
            byte_count=len(picture.data),
        )
        await self._images.put(stored.key, picture.data)
        return stored

    def _request(self, ask: Ask, stored: Sequence[StoredPicture]) -> GenerationRequest:
        ratio = ask.aspect_ratio or self._house.model.default_ratio
        if stored and not ask.aspect_ratio:
            ratio = self._house.model.nearest_ratio(stored[0].width, stored[0].height)
        return GenerationRequest(
            prompt=ask.prompt.strip(),
            images=tuple(stored),
            aspect_ratio=ratio,
            size=ask.size,
            max_images=ask.max_images,
            optimize_prompt=ask.optimize_prompt,
            watermark=ask.watermark,
            spoiler=ask.spoiler or any(file.spoiler for file in ask.files),
        )


def _fingerprint(request: GenerationRequest, place: Place) -> str:
    """Sum up what a member would have sent twice: words, pictures by content, options, place."""
    unnamed = tuple(replace(image, name="") for image in request.images)
    same = (replace(request, images=unnamed), place.channel_id, place.private)
    return hashlib.sha256(repr(same).encode()).hexdigest()
