"""How parent and child talk: some JSON, then bytes, both lengths before them.

Nothing is pickled: a child that a hostile file took over can answer with lies, not with code.
"""

import json
import struct

from bot.domain.refusals import PictureFault

LENGTHS = struct.Struct(">II")
MAX_HEAD = 4096
MAX_BODY = 128_000_000

Head = dict[str, str | int]


class Refused(Exception):
    """A picture that cannot be used, as the child found (pixels where they are known)."""

    def __init__(self, fault: PictureFault, width: int = 0, height: int = 0) -> None:
        super().__init__(fault)
        self.fault = fault
        self.width = width
        self.height = height


def opening(head: Head, byte_count: int) -> bytes:
    """All of a message but its bytes."""
    text = json.dumps(head).encode()
    return LENGTHS.pack(len(text), byte_count) + text


def read_head(text: bytes) -> Head:
    """Read the JSON of a message; ValueError when it is none."""
    head: Head = json.loads(text)
    return head
