"""What keeps the process small and its loop free; set once, at the start."""

import ctypes
import gc
import sys

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE = 1_000_000
"""Bytes from which memory is handed back as soon as it is let go of, whichever thread took it."""


def settle() -> None:
    """Leave out of every later garbage collection what is loaded now; give pictures' memory back.

    Going through all that is loaded holds the loop for 50 ms. glibc would otherwise keep freed
    pictures in a heap for each thread: 100 MB and more for fifteen of 10 MB, measured.
    """
    gc.collect()
    gc.freeze()
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc has it, musl has not
        if mallopt:
            mallopt(_M_MMAP_THRESHOLD, _LARGE)
