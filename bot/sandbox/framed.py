"""Pictures on the page: framed, enlarged by a click, spoilers under a cover."""

from base64 import b64encode
from xml.etree.ElementTree import Element

from bot.sandbox.markdown import element
from bot.sandbox.transcript import Attachment

_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


def pictures(attachments: tuple[Attachment, ...]) -> Element:
    """Lay pictures out in rows, as Discord does."""
    many = len(attachments)
    lead = 0 if many in {2, 4} else many % 3  # how many lead the rows of three, larger
    layout = "single" if many == 1 else "pairs" if many in {2, 4} else f"lead{lead}"
    return element("div", *map(picture, attachments), class_=f"pictures {layout}")


def picture(attachment: Attachment) -> Element:
    """Frame one picture, with its alt text; what is no picture is named."""
    if attachment.content_type not in _SHOWN:
        size = f" {len(attachment.data):,} bytes"
        return element("p", element("bdi", attachment.name), size, class_="file")
    data = b64encode(attachment.data).decode()
    image = element("img", src=f"data:{attachment.content_type};base64,{data}", alt=attachment.alt)
    if attachment.width and attachment.height:
        image.set("width", str(attachment.width))
        image.set("height", str(attachment.height))
    what = "Show the spoiler" if attachment.spoiler else "Enlarge"
    box = element("input", type="checkbox", aria_label=f"{what}: {attachment.name}")
    frame = element("label", box, image, class_="spoiler" if attachment.spoiler else "zoom")
    figure = element("figure", frame)
    if attachment.alt:
        alt = element("span", "ALT", class_="badge alt")
        figure.append(element("figcaption", alt, " ", element("bdi", attachment.alt)))
    return figure
