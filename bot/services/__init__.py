"""Use cases, one module each; they see the outside through `bot.domain.ports`."""
