"""Find passages: a question and passages come in, ranked hits go out.

What a hit answers is left to `qa.reading`; where passages are kept is left to `qa.index`.
"""

from qa.retrieval.bm25 import K1, B, LexicalIndex, inverse_document_frequency
from qa.retrieval.dense import DenseIndex, named_encoder
from qa.retrieval.hybrid import FAR, POOL, HybridRetriever, Parts, Scores, Weights, fused
from qa.retrieval.late_interaction import WordIndex, compare, rarity
from qa.retrieval.passages import HeldPassages, Passages, passage_text

__all__ = [
    "FAR",
    "K1",
    "POOL",
    "B",
    "DenseIndex",
    "HeldPassages",
    "HybridRetriever",
    "LexicalIndex",
    "Parts",
    "Passages",
    "Scores",
    "Weights",
    "WordIndex",
    "compare",
    "fused",
    "inverse_document_frequency",
    "named_encoder",
    "passage_text",
    "rarity",
]
