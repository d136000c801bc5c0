"""Turn texts into vectors, by the bundled model or another; documents are left to `qa`."""

from embeddings.encoder import Encoder, WordVectors, load_encoder, load_words
from embeddings.errors import ModelLoadError
from embeddings.hub import load_model
from embeddings.telemetry import disable_telemetry, import_onnxruntime

__all__ = [
    "Encoder",
    "ModelLoadError",
    "WordVectors",
    "disable_telemetry",
    "import_onnxruntime",
    "load_encoder",
    "load_model",
    "load_words",
]
