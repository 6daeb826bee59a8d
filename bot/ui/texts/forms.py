"""Labels of the form of a request (45 characters) and their hints (100)."""

TITLE = "Make pictures"
PROMPT = "What to make"
PROMPT_HINT = "Speak of your pictures as picture 1, picture 2 and so on"
PICTURES = "Your pictures, up to 10, in this order"
PICTURES_HINT = "JPEG, PNG, WebP, GIF, BMP or TIFF, up to 25 MB each; words alone do too"
RATIO = "Shape"
NEAREST = "As picture 1, else 16:9"
SIZE = "Resolution"
NUMBER = "How many pictures"


def picture(number: int) -> str:
    """Name one of the pictures sent with the form."""
    return f"picture {number}"
