"""Values, errors and rules; standard library only."""
