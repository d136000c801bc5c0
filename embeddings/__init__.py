"""Turn text into vectors: the encoder, its bundled model, and the recipe that trained it."""

from embeddings.encoder import Encoder, WordVectors, load_encoder, load_words
from embeddings.errors import EncoderError
from embeddings.hub import load_model

__all__ = ["Encoder", "EncoderError", "WordVectors", "load_encoder", "load_model", "load_words"]
