"""Real pictures, made for tests."""

from io import BytesIO
from typing import Any

from PIL import Image


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def jpeg(width: int, height: int, **options: Any) -> bytes:
    return encoded(
        Image.linear_gradient("L").resize((width, height)).convert("RGB"), "JPEG", **options
    )


def png(width: int, height: int) -> bytes:
    return encoded(Image.linear_gradient("L").resize((width, height)).convert("RGB"), "PNG")
