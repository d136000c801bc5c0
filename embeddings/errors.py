"""Define what can go wrong with an encoder; what to show of it is left to the caller."""


class EncoderError(Exception):
    """Say which model cannot be used, where it was looked for, and what would mend it."""
