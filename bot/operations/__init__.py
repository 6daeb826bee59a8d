"""What whoever runs the bot looks at: health, metrics, the event loop."""
