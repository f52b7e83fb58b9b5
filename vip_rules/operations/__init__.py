"""What people do and look at between applies: pins, pauses, the outbox's stuck intents, accounts, the shop's status."""
