"""Train skip-gram vectors of the tokens with gensim; contrastive training starts from them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer


def skip_gram(
    sentences: Path, tokenizer: Tokenizer, dimension: int, epochs: int, seed: int
) -> NDArray[np.float32]:
    """Return a row of length 1 per token, learned from a file of tokens with a paragraph per line.

    The learning rate ends at half of its first value, as training continues in ``contrast``. A
    token that the file lacks gets a random row: it matches itself and nothing else. With two
    workers the rows differ a little from run to run.
    """
    from gensim.models import Word2Vec

    model = Word2Vec(
        corpus_file=str(sentences),
        vector_size=dimension,
        window=8,
        negative=6,
        sample=1e-4,
        sg=1,
        min_count=1,
        epochs=epochs,
        workers=2,
        alpha=0.05,
        min_alpha=0.025,
        seed=seed,
    )
    size = tokenizer.get_vocab_size()
    rows = np.random.default_rng(seed).normal(size=(size, dimension)).astype(np.float32)
    learned = model.wv.vectors - model.wv.vectors.mean(axis=0)
    for word, row in tokenizer.get_vocab().items():
        if word in model.wv.key_to_index:
            rows[row] = learned[model.wv.key_to_index[word]]
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
