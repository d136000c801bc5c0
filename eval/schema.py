"""Define the nouns of an evaluation: gold questions, attempts, marks, reports.

They are frozen and hold no arrays. All scores in them are percentages, 0 to 100, latencies
milliseconds. How they are computed, shown and compared is left to the stages.
"""

from dataclasses import dataclass, fields
from enum import Enum

from qa import QAError, Span


class EvalError(QAError):
    """Say why an evaluation cannot run: a gold file, a data set or a baseline that is no use."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span of a document, which is named by its path within its folder."""

    document: str
    span: Span

    def covers(self, other: "Place") -> bool:
        """Tell whether ``other`` lies wholly inside this place."""
        return self.document == other.document and self.span.covers(other.span)

    def overlaps(self, other: "Place") -> bool:
        """Tell whether the two places share a character."""
        return self.document == other.document and self.span.overlaps(other.span)


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """An accepted answer and every place where it counts; none if it is no verbatim text."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its accepted answers, none where the documents do not answer it.

    ``evidence`` are the sentences that prove an answer.
    """

    id: str
    text: str
    answers: tuple[GoldAnswer, ...]
    evidence: tuple[Place, ...]
    kind: str = ""
    difficulty: str = ""
    wording: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.answers)

    @property
    def texts(self) -> tuple[str, ...]:
        """The accepted answers as strings."""
        return tuple(answer.text for answer in self.answers)

    @property
    def places(self) -> tuple[Place, ...]:
        """Every place that holds an accepted answer."""
        return tuple(place for answer in self.answers for place in answer.places)


@dataclass(frozen=True, slots=True)
class GoldSet:
    """The questions of a gold file, what is odd about it, and the sha256 of its bytes."""

    name: str
    sha256: str
    questions: tuple[GoldQuestion, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a system made of a question.

    ``text`` is None where it refused; ``best`` is the best span all the same, empty where it has
    none, ``place`` where that stands and ``sentence`` what is shown around it. ``read`` are the
    passages it read, ``ranked`` the first ten that its retriever found, None without a retriever.
    ``confidence`` is None for systems that give no probability. A system that broke gives
    ``error`` and nothing else.
    """

    text: str | None = None
    best: str = ""
    place: Place | None = None
    sentence: Place | None = None
    confidence: float | None = None
    reason: str = ""
    read: tuple[Place, ...] = ()
    ranked: tuple[Place, ...] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """The scores of one attempt, 0 to 100; None where one does not apply to the question.

    The first group judges the best span, never abstaining, on answerable questions. The second
    judges what was really said, a refusal included, on all questions. ``right`` is defined by
    `eval.judge.is_right`. ``citation`` applies to answers given to answerable questions.
    """

    exact_match: float | None = None
    f1: float | None = None
    evidence: float | None = None
    recall_at_1: float | None = None
    recall_at_5: float | None = None
    recall_at_10: float | None = None
    mrr_at_10: float | None = None
    ndcg_at_10: float | None = None
    exact_match_with_refusal: float | None = None
    f1_with_refusal: float | None = None
    right: float | None = None
    citation: float | None = None

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the marks, in their order."""
        return tuple(field.name for field in fields(cls))


class Loss(str, Enum):
    """The stage that lost a question."""

    NONE = ""
    FAILED = "failed"
    RETRIEVAL = "retrieval"
    SELECTION = "selection"
    BOUNDARY = "selection: words"
    REFUSAL = "refusal: withheld"
    FALSE_ANSWER = "refusal: missing"

    @property
    def meaning(self) -> str:
        """The stage in words."""
        return _MEANINGS[self]


_MEANINGS = {
    Loss.NONE: "not lost",
    Loss.FAILED: "the assistant raised an error",
    Loss.RETRIEVAL: "no passage that was read holds an answer",
    Loss.SELECTION: "an answer was read, another place was preferred",
    Loss.BOUNDARY: "the right sentence, but the wrong words of it",
    Loss.REFUSAL: "the best span was right, and was withheld",
    Loss.FALSE_ANSWER: "the documents do not answer it, and an answer was given",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt at a question with its marks and the stage that lost it."""

    question: GoldQuestion
    attempt: Attempt
    best_right: bool
    marks: Marks
    loss: Loss

    @property
    def refused(self) -> bool:
        """Whether it said that the documents do not answer."""
        return self.attempt.text is None and not self.attempt.error


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that one system made of the gold set, in its order, with the times."""

    system: str
    description: str
    judged: tuple[Judged, ...]
    milliseconds: tuple[float, ...]
