"""Labels of buttons."""

REROLL = "Reroll"
TRY_AGAIN = "Try again"
SEND_AGAIN = "Send again"
CANCEL = "Cancel"
JUMP = "Jump to the result"
