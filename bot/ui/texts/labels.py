"""Labels of buttons."""

REROLL = "Reroll"
TRY_AGAIN = "Try again"
SEND_AGAIN = "Send again"
JUMP = "Jump to the result"
