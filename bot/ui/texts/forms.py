"""Labels of the form of a request (45 characters) and their hints (100)."""

from bot.ui.plain import quoted

TITLE = "Make pictures"
RESTYLE = "Restyle"
PROMPT = "What to make"
PROMPT_HINT = "Speak of your pictures as picture 1, picture 2 and so on"
PICTURES = "Your pictures, up to 10, in this order"
PICTURES_HINT = "JPEG, PNG, WebP, GIF, BMP or TIFF, up to 25 MB each; words alone do too"
RATIO = "Shape"
NEAREST = "As picture 1, else 16:9"
SIZE = "Resolution"
NUMBER = "How many pictures"


PROMPT_KEPT = "Too long to show here; empty keeps it as it was"


def edit_title(job_id: str) -> str:
    """Head the form that changes a request."""
    return f"Edit #{job_id}"


def pictures_kept(count: int) -> str:
    """Say what an empty upload means for a request that has pictures."""
    if count == 0:
        return PICTURES_HINT
    are = "the picture is" if count == 1 else f"the {count} pictures are"
    them = "it" if count == 1 else "all of them"
    return f"Empty: {are} kept. Choose files to replace {them}."


def picture(number: int) -> str:
    """Name one of the pictures sent with the form."""
    return f"picture {number}"


def restyled(count: int) -> str:
    """Say what the form works on, and that more may be added."""
    pictures = "1 picture" if count == 1 else f"{count} pictures"
    return f"The message's {pictures} come first; add more here, up to 10 together"


def left_out(names: list[str]) -> str:
    """Name the files that are no pictures."""
    if not names:
        return ""
    return f" Left out, being no pictures: {', '.join(quoted(one, 40) for one in names)}."
