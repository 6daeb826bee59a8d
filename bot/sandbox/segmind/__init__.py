"""A local Segmind: the documented contract over real HTTP, with every known oddity on demand."""

from bot.sandbox.segmind.behaviour import Behaviour, Fault, Mishap, Route
from bot.sandbox.segmind.server import LocalSegmind, Recorded

__all__ = ["Behaviour", "Fault", "LocalSegmind", "Mishap", "Recorded", "Route"]
