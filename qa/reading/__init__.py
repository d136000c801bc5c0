"""Read hits: a question and hits come in, scored spans and a confidence go out.

Finding the hits is left to `qa.retrieval`, wording the answer to `qa.answering`.
"""

from qa.reading.confidence import checked_confidence
from qa.reading.hf_reader import Transformer
from qa.reading.onnx_reader import bundled_network
from qa.reading.prepared import prepare
from qa.reading.question import Question
from qa.reading.rerank import JUDGE, Judge, Reranker
from qa.reading.selector import FeatureSelector
from qa.reading.spelling import Vocabulary

__all__ = [
    "JUDGE",
    "FeatureSelector",
    "Judge",
    "Question",
    "Reranker",
    "Transformer",
    "Vocabulary",
    "bundled_network",
    "checked_confidence",
    "prepare",
]
