"""What cogs and delivery share: texts, buttons, custom_ids; no behaviour."""
