"""Read without a neural network: score proposed spans by features with learned weights.

The features are the question's kind against the span's looks, words shared, distance, retrieval
and layout. The weights come from ``qa/training/selector.py``. Proposing spans is left to
`qa.spans`, what a question asks for to `qa.question`.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from qa.errors import ModelError
from qa.lexical import content_stems, stem
from qa.question import AnswerKind, Question, analyse
from qa.reader import sigmoid
from qa.schema import Candidate, Hit, PassageKind, Reading, Span
from qa.spans import Proposal, SpanKind, propose, propose_cells
from qa.text import Token, sentences, tokenize, trim

Features = dict[str, float]
Idf = Callable[[str], float]
_FAR = 12  # tokens; beyond, distance no longer counts
_KEPT = 12  # candidates in a reading


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, list item or table row with its tokens, and what stands around it."""

    hit: Hit
    span: Span  # in the document
    tokens: tuple[Token, ...]  # spans within the passage
    stems: tuple[str, ...]  # of each token
    coverage: float
    wide_coverage: float


class FeatureSelector:
    """The reader that needs no model: typed spans scored by a linear model."""

    def __init__(self, idf: Idf, weights: Mapping[str, float] | None = None) -> None:
        self._idf = idf
        self._weights = dict(bundled_weights() if weights is None else weights)

    @property
    def fingerprint(self) -> str:
        """A digest of the weights."""
        content = json.dumps(sorted(self._weights.items()))
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """Return the best candidates of all hits; see `qa.reader.Reader`."""
        asked = analyse(question)
        scored = [
            (self._score(features), order, candidate, features)
            for order, (candidate, features) in enumerate(self.candidates(asked, hits))
        ]
        scored.sort(key=lambda row: (-row[0], row[1]))
        kept = _without_overlaps(scored)[:_KEPT]
        if not kept:
            return Reading((), (), 0.0, "no retrieved passage holds a span that could answer")
        best = kept[0][0]
        margin = best - kept[1][0] if len(kept) > 1 else 1.0
        logit = self._confidence(asked, kept[0][3], best, margin)
        candidates = tuple(
            Candidate(
                candidate.hit,
                candidate.span,
                candidate.context,
                logit + score - best,
                tuple((name, round(value, 4)) for name, value in features.items()),
            )
            for score, _, candidate, features in kept
        )
        confidences = tuple(sigmoid(candidate.score) for candidate in candidates)
        return Reading(candidates, confidences, self._weights["no_answer"],
                       _doubt(asked, kept[0][2].hit))  # fmt: skip

    def candidates(self, asked: Question, hits: Sequence[Hit]) -> list[tuple[Candidate, Features]]:
        """Return every proposed span of the hits with its features."""
        found: list[tuple[Candidate, Features]] = []
        top = hits[0].score if hits else 0.0
        for hit in hits:
            named = _named(asked, hit)
            for unit in self._units(asked, hit):
                base = {
                    "coverage": unit.coverage,
                    "wide_coverage": unit.wide_coverage,
                    "named": named,
                    "below_top": min(top - hit.score, 6.0) / 6,
                    "first": float(hit.rank == 1),
                    f"passage:{hit.passage.kind.value}": 1.0,
                }
                for proposal in _proposals(hit, unit.span):
                    candidate = Candidate(
                        hit, proposal.span.shift(hit.passage.span.start), unit.span, 0.0
                    )
                    found.append(
                        (candidate, {**base, **self._span_features(asked, unit, proposal)})
                    )
        return found

    def _units(self, asked: Question, hit: Hit) -> list[_Unit]:
        passage = hit.passage
        around = set(content_stems(passage.context)) | set(content_stems(passage.text))
        wide = self._share(asked, around)
        if passage.kind in (PassageKind.TABLE_ROW, PassageKind.LIST_ITEM):
            spans = [Span(0, len(passage.text))]
        else:
            spans = sentences(passage.text)
        units: list[_Unit] = []
        for span in spans:
            tokens = tuple(tokenize(span.of(passage.text)))
            placed = tuple(Token(token.span.shift(span.start), token.folded) for token in tokens)
            stems = tuple(stem(token.folded) for token in tokens)
            known = set(content_stems(span.of(passage.text)))
            if passage.kind in (PassageKind.TABLE_ROW, PassageKind.LIST_ITEM):
                known |= around
            coverage = self._share(asked, known)
            units.append(_Unit(hit, span.shift(passage.span.start), placed, stems, coverage, wide))
        return units

    def _share(self, asked: Question, known: set[str]) -> float:
        """Return the part of the question's information that the words in ``known`` cover."""
        total = sum(self._idf(term) for term in asked.stems)
        if total <= 0:
            return 0.0
        return sum(self._idf(term) for term in asked.stems if term in known) / total

    def _span_features(self, asked: Question, unit: _Unit, proposal: Proposal) -> Features:
        span = proposal.span
        inside = [at for at, token in enumerate(unit.tokens) if span.overlaps(token.span)]
        words = max(len(inside), 1)
        wanted = set(asked.stems)
        repeated = sum(unit.stems[at] in wanted for at in inside) / words
        first, last = (inside[0], inside[-1]) if inside else (0, 0)
        distances = [
            min(abs(at - first), abs(at - last))
            for at, token_stem in enumerate(unit.stems)
            if token_stem in wanted and not first <= at <= last
        ]
        before = _neighbour(unit, first, -1)
        after = _neighbour(unit, last, 1)
        near_focus = [
            at
            for at in range(max(0, first - 3), min(len(unit.stems), last + 4))
            if unit.stems[at] in asked.focus
        ]
        features = {
            f"kind:{asked.kind.value}:{proposal.kind.value}": 1.0,
            "repeated": repeated,
            "all_repeated": float(repeated > 0.99),
            "log_words": math.log(words),
            "log_words_squared": math.log(words) ** 2 / 4,
            "nearest": min([_FAR, *distances]) / _FAR,
            "mean_distance": sum(min(at, _FAR) for at in distances)
            / (_FAR * max(len(distances), 1)),
            "focus_near": float(bool(near_focus)),
            "focus_inside": float(any(first <= at <= last for at in near_focus)),
            "opens_sentence": float(first == 0),
            "whole": float(words >= len(unit.tokens) - 1),
            "states_number": float(any(unit.tokens[at].folded in asked.numbers for at in inside)),
            "after_match": float(before in wanted),
            "before_match": float(after in wanted),
            "after_preposition": float(before in _PREPOSITIONS),
        }
        if proposal.column:
            features["column"] = self._column_match(asked, proposal.column)
            features["key_cell"] = float(repeated > 0.5)
        return features

    def _column_match(self, asked: Question, column: str) -> float:
        """Return how well a column's name fits what is asked for: same words, then same stems."""
        words = {token.folded for token in tokenize(column)}
        stems = set(content_stems(column))
        return (
            0.5 * (asked.focus_word in words)
            + 0.3 * any(term in stems for term in asked.focus[:1])
            + 0.2 * bool(words & asked.words or stems & set(asked.stems))
        )

    def _score(self, features: Features) -> float:
        return sum(self._weights.get(name, 0.0) * value for name, value in features.items())

    def _confidence(self, asked: Question, features: Features, best: float, margin: float) -> float:
        """Return the log-odds that the best candidate is right."""
        weights = self._weights
        return (
            weights["confidence:bias"]
            + weights["confidence:coverage"] * features["coverage"]
            + weights["confidence:wide_coverage"] * features["wide_coverage"]
            + weights["confidence:score"] * best
            + weights["confidence:margin"] * min(margin, 3.0)
            + weights["confidence:named"] * features["named"]
            + weights["confidence:typed"] * is_typed(asked.kind, features)
            + weights["confidence:untyped"] * (asked.kind is AnswerKind.ANY)
        )


FIGURES = {
    AnswerKind.MONEY: SpanKind.MONEY,
    AnswerKind.PERCENT: SpanKind.PERCENT,
    AnswerKind.DATE: SpanKind.DATE,
    AnswerKind.COUNT: SpanKind.NUMBER,
}


def is_typed(kind: AnswerKind, features: Features) -> bool:
    """Tell whether a figure was asked for and a candidate is such a figure."""
    return kind in FIGURES and f"kind:{kind.value}:{FIGURES[kind].value}" in features


_PREPOSITIONS = frozenset({"in", "at", "on", "by", "from", "to", "as", "of", "for", "with"})


def _neighbour(unit: _Unit, at: int, step: int) -> str:
    """Return the stem of the next word to the left or right of a token, marks passed over."""
    at += step
    while 0 <= at < len(unit.stems):
        if unit.stems[at][:1].isalnum():
            return unit.stems[at]
        at += step
    return ""


def bundled_weights() -> dict[str, float]:
    """Return the weights that ship; raise `ModelError` where they are missing or damaged."""
    path = files("qa") / "models" / "selector.json"
    try:
        weights: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))["weights"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path}: the selector's weights are missing or damaged ({error}); "
            "install the package again: pip install --force-reinstall extractive-qa"
        ) from error
    return weights


def _proposals(hit: Hit, unit: Span) -> list[Proposal]:
    """Return the proposals of one sentence, item or row, placed within the passage."""
    passage = hit.passage
    within = unit.shift(-passage.span.start)
    if passage.kind is PassageKind.TABLE_ROW:
        return propose_cells(passage.text, within, passage.header)
    whole = trim(passage.text, within.start, within.end)
    proposals = propose(passage.text, within)
    return [*proposals, Proposal(whole, SpanKind.CLAUSE)] if whole else proposals


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


def _lacking(asked: Question, hit: Hit) -> list[str]:
    """Return the question's names and figures that a passage and what is above it lack."""
    known = set(content_stems(f"{hit.passage.context}\n{hit.passage.text}"))
    return [word for word in (*asked.numbers, *asked.names) if stem(word) not in known]


def _named(asked: Question, hit: Hit) -> float:
    """Return the share of the question's names and figures that a passage holds, 1 if none."""
    total = len(asked.numbers) + len(asked.names)
    return 1.0 - len(_lacking(asked, hit)) / total if total else 1.0


def _doubt(asked: Question, hit: Hit) -> str:
    """Say which name or figure of the question its best passage lacks; empty where none is."""
    lacking = _lacking(asked, hit)
    return f"the nearest passage does not mention “{lacking[0]}”" if lacking else ""
