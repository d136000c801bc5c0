"""Write the model card of the static model."""

from collections.abc import Sequence

_CARD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
language: en
license: cc-by-sa-4.0
tags: [sentence-transformers, static-embedding, retrieval]
---

# A static encoder for questions and the paragraphs that answer them

A text's vector is the mean of the vectors of its tokens: {size:,} tokens, {dimension} dimensions,
half precision. Lower case, no accents; frequent words are whole, rare ones fall into pieces, every
Chinese character is a token (those that the English training data lack match only themselves).
Read by `embeddings.load_encoder()` without torch, and by `SentenceTransformer(path)`: the same
vectors to 1e-3 in half precision, to 1e-5 after `.float()`. A text without a known token is a row
of zeros here; Sentence Transformers in half precision gives NaN for it.

## Training

`python -m embeddings.training.static --data DIR --out DIR`, about half an hour on two CPU cores,
no GPU: a word-piece vocabulary, one epoch of skip-gram (gensim), then in-batch contrast with
hard negatives (BM25) on questions with their paragraphs, and on sentences with the rest of
theirs. Last, the rows' lengths are raised to the power 0.8, which damps the noise in the weights
of rare tokens (chosen on the choice tasks below). The skip-gram run behind the bundled weights
was stopped just after its first epoch; the recipe stops at its end.

| data | licence |
|---|---|
| Wikipedia of 2015 and 2018: 70 million words of prose | CC BY-SA |
| Speeches and releases of Australian prime ministers: 14 million words | CC BY |
| Questions of SQuAD 1.1 train, in part aligned anew to Wikipedia | CC BY-SA 4.0 |
| Questions of QAMR and PolicyQA, in part | MIT |
| Questions of FairytaleQA and COVID-QA | Apache-2.0 |
| Questions of QED | CC BY-SA 3.0 |
| Questions of TimeQA | BSD-3 |

The weights are under CC BY-SA 4.0, after the texts they were learned from.

## Figures

nDCG at 10, in percent, all contexts of a file as the corpus; fused is the sum of z-scores with
BM25 (bm25s, English stemmer and stop words). `python -m embeddings.training.measure --data DIR
--report` prints them. XQuAD-en and the first half of new-wiki served for choices; the rest
chose nothing.

| task | BM25 | dense | fused |
|---|---|---|---|
{rows}

## Limits

English. Word order is not seen: who did what to whom is left to the reader behind it. Names and
terms that the training prose lacks are matched by their pieces, poorly; use it beside BM25.
"""


def render(shape: tuple[int, int], results: Sequence[tuple[str, dict[str, float]]]) -> str:
    """Return the card of a table of this shape, with the figures that ``measure`` gave by task.

    >>> "| x | 1.0 | 2.0 | 3.0 |" in render((9, 2), [("x", {"bm25": 1, "dense": 2, "fused": 3})])
    True
    """
    rows = [
        f"| {name} | {found['bm25']:.1f} | {found['dense']:.1f} | {found['fused']:.1f} |"
        for name, found in results
    ]
    return _CARD.format(size=shape[0], dimension=shape[1], rows="\n".join(rows))
