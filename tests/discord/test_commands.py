"""What Discord is told of the commands: names, order, choices, defaults, contexts."""

from typing import Any

from bot.domain.model import SEEDREAM_5_LITE
from tests.discord.conftest import Server

STRING, INTEGER, BOOLEAN, ATTACHMENT = 3, 4, 5, 11


def payload(server: Server, name: str) -> dict[str, Any]:
    command = server.session.bot.tree.get_command(name)
    assert command is not None
    return command.to_dict(server.session.bot.tree)


async def test_imagine_has_the_contracts_options_in_the_contracts_order(server: Server) -> None:
    options = payload(server, "imagine")["options"]
    assert [option["name"] for option in options] == [
        "prompt", "image1", "image2", "image3", "aspect_ratio", "max_images", "size", "private",
        "image4", "image5", "image6", "image7", "image8", "image9", "image10",
        "optimize_prompt", "watermark",
    ]  # fmt: skip
    assert [option["name"] for option in options if option["required"]] == ["prompt"]


async def test_imagine_offers_what_the_models_table_says(server: Server) -> None:
    options = {option["name"]: option for option in payload(server, "imagine")["options"]}
    for name, parameter in SEEDREAM_5_LITE.parameters.items():
        offered = options[name]
        assert offered["description"] == parameter.description
        assert [choice["value"] for choice in offered.get("choices", [])] == list(parameter.choices)
    assert (options["prompt"]["min_length"], options["prompt"]["max_length"]) == (1, 4000)
    assert (options["max_images"]["min_value"], options["max_images"]["max_value"]) == (1, 15)
    kinds = {name: option["type"] for name, option in options.items()}
    assert (kinds["prompt"], kinds["max_images"], kinds["watermark"]) == (STRING, INTEGER, BOOLEAN)
    assert kinds["image1"] == kinds["image10"] == ATTACHMENT


async def test_left_out_options_are_the_providers_defaults(server: Server) -> None:
    await server.imagine("x")
    (job,) = await server.settled()
    for name, parameter in SEEDREAM_5_LITE.parameters.items():
        if parameter.default is not None:
            assert getattr(job.request, name) == parameter.default


async def test_every_description_fits_discords_picker(server: Server) -> None:
    for name in ("imagine", "showcase", "privacy"):
        command = payload(server, name)
        texts = [command["description"], *(one["description"] for one in command["options"])]
        assert all(0 < len(text) <= 100 for text in texts)


async def test_the_showcase_is_for_servers_and_all_of_their_members(server: Server) -> None:
    command = payload(server, "showcase")
    assert command["default_member_permissions"] is None
    assert command["contexts"] == [0]
