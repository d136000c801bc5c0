"""Define what speaks for a span, and for the best one being right: figures with fixed names.

Iterating over a record yields the names under which training fits its weights and ``--explain``
shows the figures. How they are measured is left to `qa.reading.features`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from qa.reading.candidates import SpanKind
from qa.reading.question import AnswerKind
from qa.schema import named

_CLEAR = 3.0  # score; a margin beyond it says nothing more
FIGURES = {
    AnswerKind.MONEY: SpanKind.MONEY,
    AnswerKind.PERCENT: SpanKind.PERCENT,
    AnswerKind.DATE: SpanKind.DATE,
    AnswerKind.COUNT: SpanKind.NUMBER,
}


@dataclass(frozen=True, slots=True)
class HitFeatures:
    """What retrieval says of a passage, and how much of what the question names is in it."""

    named: float
    dated: float
    dated_as_asked: float
    below_top: float
    spread: float
    first: float
    near_words: float
    near_meaning: float
    pairs: float
    passage: str  # its kind
    unknown_name: float


@dataclass(frozen=True, slots=True)
class SpanFeatures:
    """What the words say of a span and of the sentence, item or row around it."""

    coverage: float
    wide_coverage: float
    kind: str  # of the answer that is asked for, and of the span: "date:name"
    repeated: float
    all_repeated: float
    log_words: float
    log_words_squared: float
    nearest: float
    mean_distance: float
    focus_near: float
    focus_inside: float
    opens_sentence: float
    whole: float
    states_number: float
    after_match: float
    before_match: float
    after_preposition: float
    enumerates: float
    enumerates_as_asked: float
    column: float | None = None  # of a table's cell
    key_cell: float | None = None


@dataclass(frozen=True, slots=True)
class NetworkFeatures:
    """What the network says of a span: log-odds, and probabilities that follow from them."""

    network: float
    network_likely: float
    network_share: float
    network_passage: float
    network_within: float


@dataclass(frozen=True, slots=True)
class Features:
    """Everything that speaks for a span."""

    hit: HitFeatures
    span: SpanFeatures
    network: NetworkFeatures

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return chain(named(self.hit), named(self.span), named(self.network))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for the best span being right: ``score`` is its own, ``margin`` how far the
    next one lies below.
    """

    bias: float
    score: float
    margin: float
    network: float
    network_share: float
    spread: float
    first: float
    coverage: float
    wide_coverage: float
    named: float
    unknown_name: float
    dated: float
    near_words: float
    near_meaning: float
    pairs: float
    dated_as_asked: float
    typed: float
    typed_and_dated: float
    untyped: float

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return named(self)


def evidence(kind: AnswerKind, features: Features, best: float, margin: float) -> Evidence:
    """Return what speaks for the best span being right, ``kind`` being asked for."""
    hit, span, network = features.hit, features.span, features.network
    typed = float(kind in FIGURES and span.kind == f"{kind.value}:{FIGURES[kind].value}")
    return Evidence(
        bias=1.0,
        score=best,
        margin=min(margin, _CLEAR),
        network=network.network,
        network_share=network.network_share,
        spread=hit.spread,
        first=hit.first,
        coverage=span.coverage,
        wide_coverage=span.wide_coverage,
        named=hit.named,
        unknown_name=hit.unknown_name,
        dated=hit.dated,
        near_words=hit.near_words,
        near_meaning=hit.near_meaning,
        pairs=hit.pairs,
        dated_as_asked=hit.dated_as_asked,
        typed=typed,
        typed_and_dated=typed * hit.dated_as_asked,
        untyped=float(kind is AnswerKind.ANY),
    )


def weighed(
    figures: Iterable[tuple[str, float]], weights: Mapping[str, float], prefix: str = ""
) -> float:
    """Return the sum of figures by their weights, which may be under a prefix; 0 where none is.

    >>> weighed([("first", 2.0), ("whole", 1.0)], {"first": 0.5})
    1.0
    """
    return sum(weights.get(prefix + name, 0.0) * value for name, value in figures)
