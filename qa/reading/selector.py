"""Choose the spans that answer: a linear model over what a network and the words say of them.

The weights and the calibration come from ``qa/training/selector.py``. What the network proposes
is left to `qa.reading.onnx_reader`, what speaks for a span to `qa.reading.features`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files

from qa.errors import ModelError
from qa.reading.candidates import Proposal
from qa.reading.confidence import sigmoid
from qa.reading.evidence import Features, evidence, weighed
from qa.reading.features import FeatureExtractor, Idf, lacking
from qa.reading.linearise import view
from qa.reading.onnx_reader import LIMIT, SpanScorer
from qa.reading.question import Question
from qa.schema import Candidate, Hit, Reading
from qa.text import as_written

ALONE = 1.0  # the margin of a candidate without another
_KEPT = 12  # candidates in a reading
_READ = 16  # spans that the network proposes in a passage
_REMEDY = "install the package again: pip install --force-reinstall extractive-qa"


class FeatureSelector:
    """A reader: from a question and hits to the spans that may answer, with their confidence."""

    def __init__(
        self, idf: Idf, network: SpanScorer, weights: Mapping[str, float] | None = None
    ) -> None:
        self._extractor = FeatureExtractor(idf)
        self._network = network
        self._weights = dict(bundled_weights() if weights is None else weights)

    def read(self, asked: Question, hits: Sequence[Hit]) -> Reading:
        """Return the best candidates of all hits, none of them twice; perhaps there are none."""
        scored = [
            (weighed(features, self._weights), order, candidate, features)
            for order, (candidate, features) in enumerate(self.candidates(asked, hits))
        ]
        scored.sort(key=lambda row: (-row[0], row[1]))
        kept = _without_overlaps(scored)[:_KEPT]
        if not kept:
            return Reading((), (), 0.0, "no retrieved passage holds a span that could answer")
        best = kept[0][0]
        margin = best - kept[1][0] if len(kept) > 1 else ALONE
        told = evidence(asked.kind, kept[0][3], best, margin)
        logit = weighed(told, self._weights, "confidence:")
        candidates = tuple(
            Candidate(
                candidate.hit,
                candidate.span,
                candidate.context,
                logit + score - best,
                tuple((name, round(value, 4)) for name, value in features),
            )
            for score, _, candidate, features in kept
        )
        alike = [candidate.text == kept[0][2].text for _, _, candidate, _ in kept]
        confidences = _confidences(sigmoid(logit), [score - best for score, *_ in kept], alike)
        return Reading(candidates, confidences, self._weights["no_answer"],
                       _doubt(asked, kept[0][2].hit))  # fmt: skip

    def candidates(self, asked: Question, hits: Sequence[Hit]) -> list[tuple[Candidate, Features]]:
        """Return every proposed span of the hits with its features."""
        return self._extractor.describe(asked, hits, self._propose(asked, hits))

    def _propose(self, asked: Question, hits: Sequence[Hit]) -> list[list[tuple[Proposal, float]]]:
        """Return what is proposed of every hit, placed in its passage, with its log-odds."""
        views = [view(hit.passage) for hit in hits]
        read = self._network.spans(asked.text, [one.text for one in views], _READ)
        return [
            [(proposal, max(-LIMIT, min(odds, LIMIT))) for proposal, odds in one.place(spans)]
            for one, spans in zip(views, read, strict=True)
        ]


def bundled_weights() -> dict[str, float]:
    """Return the weights that ship; raise `ModelError` where they are missing or damaged."""
    path = files("qa") / "models" / "selector.json"
    try:
        weights: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))["weights"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path}: the selector's weights are missing or damaged ({error}); {_REMEDY}"
        ) from error
    if "no_answer" not in weights:
        raise ModelError(f"{path}: holds no weights; {_REMEDY}")
    return weights


def _confidences(first: float, below: Sequence[float], alike: Sequence[bool]) -> tuple[float, ...]:
    """Return the probabilities of candidates from that of the first and the scores below its own.

    Those in the words of the first (``alike``) are right with it. The others share what it
    leaves. None is likelier in proportion than its score.

    >>> _confidences(0.8, [0.0, -1.0, -1.0], [True, False, False])
    (0.8, 0.1, 0.1)
    """
    odds = [math.exp(score) for score in below]
    rest = sum(one for one, same in zip(odds, alike, strict=True) if not same)
    return tuple(
        round(first * one if same else min(first * one, (1 - first) * one / rest), 6)
        for one, same in zip(odds, alike, strict=True)
    )


_Scored = tuple[float, int, Candidate, Features]


def _without_overlaps(scored: Sequence[_Scored]) -> list[_Scored]:
    """Keep of candidates that overlap in one document the best one."""
    kept: list[_Scored] = []
    for row in scored:
        if len(kept) >= _KEPT:
            break
        document, span = row[2].hit.passage.document_id, row[2].span
        if not any(
            document == other[2].hit.passage.document_id and span.overlaps(other[2].span)
            for other in kept
        ):
            kept.append(row)
    return kept


def _doubt(asked: Question, hit: Hit) -> str:
    """Say which name or figure of the question its best passage lacks; empty where none is."""
    words = lacking(asked, hit)
    if not words:
        return ""
    return f"the nearest passage does not mention “{as_written(asked.text, words[0])}”"
