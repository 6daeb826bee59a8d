"""Descriptions of commands and options, as Discord's picker shows them (100 characters)."""

from bot.domain.showcase import Span

IMAGINE = "Make pictures from your words, and from up to ten pictures of yours"
QUEUE = "Your waiting and running requests, with expected times; cancel them here"
RESULTS = "Your finished pictures, newest first, also those that could not be posted"
RESULT_ID = "The short id of one result, such as k7f3q"
RESTYLE = "Restyle"
COMPOSE = "The same as /imagine as a form: easier on a phone, ten pictures at once"
USAGE = "What you have used of your limits, and when the next picture frees"
PRIVATE = "Only you see it: the result comes by direct message (default off)"
SHOWCASE = "The channel that shows what members starred"
SHOWCASE_SET = "Show what enough members starred in a channel or forum (Manage Server)"
SHOWCASE_OFF = "Show nothing any more; entries that are there stay (Manage Server)"
SHOWCASE_TOP = "The entries with the most stars, and who made them"
SHOWCASE_RANDOM = "One entry of the showcase, whichever"
SHOWCASE_PERIOD = "How far back (default: a week)"
SHOWCASE_EMOJI = "The reaction that counts as a star, one of this server's own too (default ⭐)"
SPANS = {Span.WEEK: "a week", Span.MONTH: "a month", Span.EVER: "ever"}
SHOWCASE_CHANNEL = "Where to show it"
SHOWCASE_THRESHOLD = "How many members have to star it; the requester's own star does not count"

PRIVACY = "What is kept of you: see it, take it with you, erase it"
PRIVACY_ABOUT = "What is kept of you, how long, and where it goes"
PRIVACY_EXPORT = "All that is kept of you as a file: requests, pictures, votes, entries"
PRIVACY_ERASE = "Erase your requests, pictures, entries, votes and posted results"


def image(number: int) -> str:
    """Describe the option of one input picture."""
    return f"Picture {number} for the model: JPEG, PNG, WebP, GIF, BMP or TIFF, up to 25 MB"
