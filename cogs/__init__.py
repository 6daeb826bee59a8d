"""Discord in, one service call, Discord out. Cogs never import each other."""
