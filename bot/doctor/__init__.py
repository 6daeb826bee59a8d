"""`python -m bot doctor`: looks at everything the bot stands on and changes nothing."""
