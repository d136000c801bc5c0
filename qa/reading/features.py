"""Describe what speaks for a proposed span: words shared, distance, looks, layout, retrieval.

The names of the figures are those of `qa.reading.evidence`; what they weigh is left to
`qa.reading.selector`.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from qa.reading.candidates import Proposal, SpanKind, enumerates
from qa.reading.demonyms import forms
from qa.reading.evidence import Features, HitFeatures, NetworkFeatures, SpanFeatures
from qa.reading.question import Question
from qa.retrieval import FAR, passage_text
from qa.schema import Candidate, Hit, Passage, PassageKind, Span
from qa.text import (
    Token,
    content_stems,
    list_items,
    list_opening,
    sentences,
    stem,
    tokenize,
    whole_list,
)

Idf = Callable[[str], float]
Proposed = Sequence[tuple[Proposal, float]]  # with the network's log-odds
_FAR = 12  # tokens; beyond, distance no longer counts


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, list item or table row with its tokens, and what stands around it."""

    hit: Hit
    span: Span  # in the document
    tokens: tuple[Token, ...]  # spans within the passage
    stems: tuple[str, ...]  # of each token
    coverage: float
    wide_coverage: float


class FeatureExtractor:
    """Describe proposed spans; ``idf`` weighs the question's stems."""

    def __init__(self, idf: Idf) -> None:
        self._idf = idf

    def describe(
        self, asked: Question, hits: Sequence[Hit], proposed: Sequence[Proposed]
    ) -> list[tuple[Candidate, Features]]:
        """Return what is proposed of each hit as candidates with their features.

        Proposals are placed within their passage and come with the network's log-odds.
        """
        found: list[tuple[Candidate, Features]] = []
        top = hits[0].score if hits else 0.0
        total = 1.0 + sum(math.exp(odds) for read in proposed for _, odds in read)
        for hit, read in zip(hits, proposed, strict=True):
            here = _of_hit(asked, hit, top)
            best = max((odds for _, odds in read), default=0.0)
            left = list(_no_echo(asked, hit.passage, read))
            for unit in self._units(asked, hit):
                within = unit.span.shift(-hit.passage.span.start)
                inside = [one for one in left if within.covers(one[0].span)]
                left = [one for one in left if not within.covers(one[0].span)]
                for proposal, odds in inside:
                    span = proposal.span.shift(hit.passage.span.start)
                    told = self._of_span(asked, unit, proposal)
                    features = Features(here, told, _of_network(odds, best, total))
                    found.append((Candidate(hit, span, unit.span, 0.0), features))
        return found

    def _units(self, asked: Question, hit: Hit) -> list[_Unit]:
        passage = hit.passage
        wide = self._share(asked, set(content_stems(passage_text(passage))))
        spans, above = _unit_spans(passage)
        units: list[_Unit] = []
        for span in spans:
            tokens = tuple(tokenize(span.of(passage.text)))
            placed = tuple(Token(token.span.shift(span.start), token.folded) for token in tokens)
            stems = tuple(stem(token.folded) for token in tokens)
            known = set(content_stems(span.of(passage.text)))
            if above is not None:
                known |= set(content_stems(above))
            coverage = self._share(asked, known)
            units.append(_Unit(hit, span.shift(passage.span.start), placed, stems, coverage, wide))
        return units

    def _share(self, asked: Question, known: set[str]) -> float:
        """Return the part of the question's information that the words in ``known`` cover."""
        total = sum(self._idf(term) for term in asked.stems)
        if total <= 0:
            return 0.0
        return sum(self._idf(term) for term in asked.stems if term in known) / total

    def _of_span(self, asked: Question, unit: _Unit, proposal: Proposal) -> SpanFeatures:
        span = proposal.span
        inside = [at for at, token in enumerate(unit.tokens) if span.overlaps(token.span)]
        words = max(len(inside), 1)
        wanted = set(asked.stems)
        repeated = sum(unit.stems[at] in wanted for at in inside) / words
        first, last = (inside[0], inside[-1]) if inside else (0, 0)
        distances = _distances(unit, wanted, first, last)
        items = _items(unit.hit.passage, span)
        several = items > 1 or enumerates(unit.hit.passage.text, span)
        each = words / items  # a list of short items is no long answer
        before = _neighbour(unit, first, -1)
        near_focus = _near(unit, asked.focus, first, last)
        column = proposal.column
        return SpanFeatures(
            coverage=unit.coverage,
            wide_coverage=unit.wide_coverage,
            kind=f"{asked.kind.value}:{proposal.kind.value}",
            repeated=repeated,
            all_repeated=float(repeated > 0.99),
            log_words=math.log(each),
            log_words_squared=math.log(each) ** 2 / 4,
            nearest=min([_FAR, *distances]) / _FAR,
            mean_distance=sum(min(at, _FAR) for at in distances) / (_FAR * max(len(distances), 1)),
            focus_near=float(bool(near_focus)),
            focus_inside=float(any(first <= at <= last for at in near_focus)),
            opens_sentence=float(first == 0),
            whole=float(words >= len(unit.tokens) - 1),
            states_number=float(any(unit.tokens[at].folded in asked.numbers for at in inside)),
            after_match=float(before in wanted),
            before_match=float(_neighbour(unit, last, 1) in wanted),
            after_preposition=float(before in _PREPOSITIONS),
            enumerates=float(several and not asked.several),
            enumerates_as_asked=float(several and asked.several),
            column=self._column_match(asked, column) if column else None,
            key_cell=float(repeated > 0.5) if column else None,
        )

    def _column_match(self, asked: Question, column: str) -> float:
        """Return how well a column's name fits what is asked for: same words, then same stems."""
        words = {token.folded for token in tokenize(column)}
        stems = set(content_stems(column))
        return (
            0.5 * bool(words & asked.sought)
            + 0.3 * bool(stems & {stem(word) for word in asked.sought})
            + 0.2 * bool(words & {*asked.words} or stems & set(asked.stems))
        )


def _unit_spans(passage: Passage) -> tuple[list[Span], str | None]:
    """Return the sentences, items or the row of a passage, and the words above that belong to each.

    The last unit of a list is all its items together.
    """
    text = passage.text
    if passage.kind is PassageKind.LIST:
        opening = list_opening(text)
        above = passage.context if opening is None else f"{passage.context}\n{opening.of(text)}"
        opened = [] if opening is None else sentences(text, opening.start, opening.end)
        return [*opened, *list_items(text), whole_list(text)], above
    if passage.kind in (PassageKind.TABLE_ROW, PassageKind.LIST_ITEM):
        return [Span(0, len(text))], f"{passage.context}\n{text}"
    return sentences(text), None


def _items(passage: Passage, span: Span) -> int:
    """Return how many items of a list a span holds, at least 1."""
    if passage.kind is not PassageKind.LIST:
        return 1
    return max(sum(span.covers(item) for item in list_items(passage.text)), 1)


def _no_echo(asked: Question, passage: Passage, read: Proposed) -> Proposed:
    """Return what is proposed of a passage that is no mere echo of the question.

    A heading in the question's own words does not answer it; asked for measures, "the following
    measures" above a list are those that follow.
    """
    if passage.kind is PassageKind.HEADING and {*content_stems(passage.text)} <= {*asked.stems}:
        return ()
    opening = list_opening(passage.text) if passage.kind is PassageKind.LIST else None
    if opening is None or not asked.several:
        return read
    found: dict[Span, tuple[Proposal, float]] = {}
    for proposal, odds in read:
        named = {*asked.focus} & {*content_stems(proposal.span.of(passage.text))}
        if named and opening.covers(proposal.span):
            proposal = Proposal(whole_list(passage.text), SpanKind.CLAUSE)  # noqa: PLW2901
        other = found.get(proposal.span)
        if other is None or odds > other[1]:
            found[proposal.span] = proposal, odds
    return list(found.values())


def _of_hit(asked: Question, hit: Hit, top: float) -> HitFeatures:
    """Return what retrieval says of a passage, and how much of what is named stands in it."""
    absent, signals = lacking(asked, hit), hit.signals
    return HitFeatures(
        named=_present(asked.names, absent),
        dated=_present(asked.numbers, absent),
        dated_as_asked=float(bool(asked.numbers) and not {*asked.numbers} & {*absent}),
        below_top=min(top - hit.score, FAR) / FAR,
        spread=min(signals.spread, FAR) / FAR,
        first=float(hit.rank == 1),
        near_words=signals.words,
        near_meaning=signals.dense,
        pairs=signals.pairs,
        passage=hit.passage.kind.value,
        unknown_name=_states_unknown(asked),
    )


def _of_network(odds: float, best: float, total: float) -> NetworkFeatures:
    """Return what the network says of a span; ``best`` are its best log-odds in the passage,
    ``total`` the sum of the odds of every span that is read, and 1 for none of them.
    """
    return NetworkFeatures(
        network=odds,
        network_likely=1 / (1 + math.exp(-odds)),
        network_share=math.exp(odds) / total,
        network_passage=best,
        network_within=math.exp(odds - best),
    )


_PREPOSITIONS = frozenset({"in", "at", "on", "by", "from", "to", "as", "of", "for", "with"})


def _distances(unit: _Unit, wanted: set[str], first: int, last: int) -> list[int]:
    """Return how far each wanted stem stands from the tokens ``first`` to ``last``."""
    return [
        min(abs(at - first), abs(at - last))
        for at, stemmed in enumerate(unit.stems)
        if stemmed in wanted and not first <= at <= last
    ]


def _near(unit: _Unit, focus: Collection[str], first: int, last: int) -> list[int]:
    """Return the tokens of the focus within three of the tokens ``first`` to ``last``."""
    around = range(max(0, first - 3), min(len(unit.stems), last + 4))
    return [at for at in around if unit.stems[at] in focus]


def _neighbour(unit: _Unit, at: int, step: int) -> str:
    """Return the stem of the next word to the left or right of a token, marks passed over."""
    at += step
    while 0 <= at < len(unit.stems):
        if unit.stems[at][:1].isalnum():
            return unit.stems[at]
        at += step
    return ""


def _states_unknown(asked: Question) -> float:
    """Return 1 where the question states a figure that no passage holds, or a name of whose
    words half or more are nowhere, else 0.
    """
    stated = [*asked.runs, *((number,) for number in asked.numbers)]
    return float(any(2 * len({*asked.absent} & {*name}) >= len(name) for name in stated))


def lacking(asked: Question, hit: Hit) -> list[str]:
    """Return the question's names and figures that a passage and what is above it lack."""
    known = set(content_stems(passage_text(hit.passage)))
    return [word for word in (*asked.numbers, *asked.names) if not forms(word) & known]


def _present(words: Sequence[str], absent: Sequence[str]) -> float:
    """Return the share of the words that are not absent, 1 if there are none."""
    return 1.0 - sum(word in absent for word in words) / len(words) if words else 1.0
