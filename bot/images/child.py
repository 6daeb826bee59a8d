"""The child process that works on pixels: `python -m bot.images.child`.

It imports Pillow and nothing else of weight, answers one message at a time from its standard
input, and ends with it.
"""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from bot.domain.pictures import Picture
from bot.domain.refusals import PictureFault
from bot.images import decoder
from bot.images.chart import chart
from bot.images.sheet import sheet
from bot.images.wire import LENGTHS, Head, Refused, opening, read_head

if sys.platform == "linux":
    import resource

MEMORY = 1_500_000_000
"""Bytes of address space: the largest picture allowed takes 1.1 GB, a bomb gets no further."""

_WORK: dict[str, Callable[..., Picture]] = {
    "normalise": decoder.normalise,
    "fit": decoder.fit,
    "preview": decoder.preview,
    "sheet": sheet,
    "chart": chart,
}


def main() -> None:
    """Answer until standard input ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # some hosts stop every process at once
    _limit_memory()
    warnings.simplefilter("ignore")
    logging.disable()
    answers = _kept_from_libraries()
    _send(answers, {}, b"")
    while question := _receive(sys.stdin.buffer):
        _send(answers, *_answer(*question))


def _kept_from_libraries() -> BinaryIO:
    """Keep answers and errors apart from what libtiff and its like print over a bad file."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stderr = os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for printed in (1, 2):
        os.dup2(nowhere, printed)
    return answers


def _limit_memory() -> None:
    """Die before the bot does, where a machine runs short."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _answer(head: Head, data: bytes) -> tuple[Head, bytes]:
    work = _WORK[str(head.pop("work"))]
    try:
        picture = work(data, **head)
    except Refused as refused:
        return {"fault": refused.fault, "width": refused.width, "height": refused.height}, b""
    except (*decoder.BROKEN, MemoryError):
        return {"fault": PictureFault.UNDECODABLE, "width": 0, "height": 0}, b""
    return {
        "content_type": picture.content_type,
        "width": picture.width,
        "height": picture.height,
    }, picture.data


def _receive(questions: BinaryIO) -> tuple[Head, bytes] | None:
    lengths = questions.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_length, byte_count = LENGTHS.unpack(lengths)
    return read_head(questions.read(head_length)), questions.read(byte_count)


def _send(answers: BinaryIO, head: Head, data: bytes) -> None:
    answers.write(opening(head, len(data)))
    answers.write(data)
    answers.flush()


if __name__ == "__main__":
    main()
