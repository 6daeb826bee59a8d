"""Short ids of jobs, as members read and type them."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # none that read alike
LENGTH = 5


def new_job_id() -> str:
    """A random short id (28 million of them; the database refuses a repetition)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
