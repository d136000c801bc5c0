"""Find passages: a question and passages come in, ranked hits go out.

What a hit answers is left to `qa.reading`; where passages are kept is left to `qa.index`.
"""

from qa.retrieval.bm25 import K1, B, LexicalIndex
from qa.retrieval.dense import DenseIndex, named_encoder, passage_text
from qa.retrieval.hybrid import FAR, POOL, HybridRetriever, Parts, Signals, Weights, fused
from qa.retrieval.late_interaction import WordIndex, compare, rarity

__all__ = [
    "FAR",
    "K1",
    "POOL",
    "B",
    "DenseIndex",
    "HybridRetriever",
    "LexicalIndex",
    "Parts",
    "Signals",
    "Weights",
    "WordIndex",
    "compare",
    "fused",
    "named_encoder",
    "passage_text",
    "rarity",
]
