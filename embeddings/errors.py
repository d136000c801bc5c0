"""Define the error of loading a model."""


class ModelLoadError(Exception):
    """A model cannot be used; the message says which one, why, and what to do next."""
