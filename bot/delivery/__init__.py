"""Posting to Discord: cards, results, showcase entries."""
