"""Read hits: a question and hits come in, scored spans and a confidence go out.

Finding the hits is left to `qa.retrieval`, wording the answer to `qa.answering`.
"""

from qa.reading.features import absent
from qa.reading.hf_reader import Transformer
from qa.reading.onnx_reader import bundled_network
from qa.reading.question import analyse, checked, is_polar
from qa.reading.reader import Reader, checked_confidence
from qa.reading.rerank import JUDGE, Judge, Reranker
from qa.reading.selector import FeatureSelector
from qa.reading.spelling import Vocabulary, calmed, respelt

__all__ = [
    "JUDGE",
    "FeatureSelector",
    "Judge",
    "Reader",
    "Reranker",
    "Transformer",
    "Vocabulary",
    "absent",
    "analyse",
    "bundled_network",
    "calmed",
    "checked",
    "checked_confidence",
    "is_polar",
    "respelt",
]
