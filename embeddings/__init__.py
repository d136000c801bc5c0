"""Turn text into vectors: the encoder, its bundled model, and the recipe that trained it."""

from embeddings.encoder import Encoder, load_encoder
from embeddings.errors import EncoderError

__all__ = ["Encoder", "EncoderError", "load_encoder"]
