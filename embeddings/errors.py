"""Define what can go wrong when a model is loaded; what to show of it is left to the caller."""


class ModelLoadError(Exception):
    """Say which model cannot be used, where it was looked for, and what would mend it."""
