"""Give each piece a vector to start from: that of its word in the bundled encoder.

A reader and an encoder that were taught by the same prose need not learn its words twice. What
the encoder does not know begins as noise.
"""

import numpy as np
from tokenizers import Tokenizer

from embeddings.encoder import bundled_model
from embeddings.static import StaticEncoder
from qa.training.reader.tokens import CONTINUES, SPECIALS, piece_texts

NOISE = 0.3  # mean length of a vector that means nothing yet
INSIDE = 0.5  # length of the vector of a piece inside a word


def start_vectors(tokenizer: Tokenizer, seed: int) -> np.ndarray:
    """Return float32 vectors (vocabulary, dimension), of length 1 where a word is known."""
    words = StaticEncoder.load(bundled_model())
    texts = piece_texts(tokenizer)
    shape = (len(texts), words.dimension)
    scale = NOISE / words.dimension**0.5
    vectors = np.random.default_rng(seed).normal(0.0, scale, shape).astype(np.float32)
    known = words.encode_passages([text.removeprefix(CONTINUES) for text in texts])
    length = np.array([INSIDE if _inside(text) else 1.0 for text in texts], np.float32)
    found = known.any(1) & ~np.isin(texts, SPECIALS)
    vectors[found] = (known * length[:, None])[found]
    return vectors


def _inside(text: str) -> bool:
    return text.startswith(CONTINUES) and len(text) > len(CONTINUES)
