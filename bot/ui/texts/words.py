"""Numbers, spans and moments as people say them."""


def relative(at: float) -> str:
    """Write a moment (epoch seconds) so that Discord counts down to it by itself."""
    return f"<t:{int(at) + 1}:R>"


def pictures(count: int) -> str:
    """Count pictures."""
    return "1 picture" if count == 1 else f"{count} pictures"


def count(number: int, word: str) -> str:
    """Count anything: `1 request`, `2 entries`."""
    if number == 1:
        return f"1 {word}"
    return f"{number:,} {word[:-1]}ies" if word.endswith("y") else f"{number:,} {word}s"


def duration(seconds: float) -> str:
    """Write a span: `48 s`, `2 min 5 s`, `12 min`."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
