"""Define the nouns of an evaluation: gold questions, predictions, marks, failure stages.

They are frozen and hold no arrays. All scores in them are percentages, 0 to 100; times are
milliseconds. How they are computed, shown and compared is left to the other rooms.
"""

from dataclasses import dataclass, fields
from enum import Enum

from qa import QAError, Span


class EvalError(QAError):
    """Say why an evaluation cannot run: a gold file, data set or baseline cannot be used."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of a document, which is named by its path within its folder."""

    document: str
    span: Span

    def covers(self, other: "Location") -> bool:
        """Tell whether ``other`` lies wholly inside this location."""
        return self.document == other.document and self.span.covers(other.span)

    def overlaps(self, other: "Location") -> bool:
        """Tell whether the two locations share a character."""
        return self.document == other.document and self.span.overlaps(other.span)


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """An accepted answer and every location where it counts; none if it is no verbatim text."""

    text: str
    locations: tuple[Location, ...]


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its accepted answers, none where the documents do not answer it.

    ``evidence`` holds the sentences that prove an answer.
    """

    id: str
    text: str
    answers: tuple[GoldAnswer, ...]
    evidence: tuple[Location, ...]
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
    def locations(self) -> tuple[Location, ...]:
        """Every location that holds an accepted answer."""
        return tuple(location for answer in self.answers for location in answer.locations)


@dataclass(frozen=True, slots=True)
class GoldSet:
    """The questions of a gold file, warnings about it, and the SHA-256 of its bytes."""

    name: str
    sha256: str
    questions: tuple[GoldQuestion, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a system answered to a question.

    ``text`` is None where it abstained. ``best`` is its best span even then, empty where it has
    none; ``location`` says where that stands, ``sentence`` what is shown around it. ``read`` holds
    the passages that were read, ``ranked`` the first ten that the retriever found, None for a
    system without a retriever. ``confidence`` is None for systems that give no probability. A
    system that raised an error gives ``error`` and nothing else.
    """

    text: str | None = None
    best: str = ""
    location: Location | None = None
    sentence: Location | None = None
    confidence: float | None = None
    refusal_reason: str = ""
    read: tuple[Location, ...] = ()
    ranked: tuple[Location, ...] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """The scores of one prediction, 0 to 100; None where one does not apply to the question.

    The first group judges the best span, whether or not the system abstained, on answerable
    questions. The second judges what was really said, abstaining included, on all questions.
    ``right`` is defined by `eval.judge.is_right`. ``citation`` applies to answers given to
    answerable questions.
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


class FailureStage(str, Enum):
    """The first stage of the assistant that went wrong on a question."""

    NONE = ""
    ERROR = "failed"
    RETRIEVAL = "retrieval"
    SELECTION = "selection"
    BOUNDARY = "selection: words"
    WRONGLY_REFUSED = "refusal: withheld"
    WRONGLY_ANSWERED = "refusal: missing"

    @property
    def meaning(self) -> str:
        """What happened, in words."""
        return _MEANINGS[self]


_MEANINGS = {
    FailureStage.NONE: "not lost",
    FailureStage.ERROR: "the assistant raised an error",
    FailureStage.RETRIEVAL: "no passage that was read holds an answer",
    FailureStage.SELECTION: "an answer was read, another place was preferred",
    FailureStage.BOUNDARY: "the right sentence, but the wrong words of it",
    FailureStage.WRONGLY_REFUSED: "the best span was right, and was withheld",
    FailureStage.WRONGLY_ANSWERED: "the documents do not answer it, and an answer was given",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and its prediction with the marks and the failure stage."""

    question: GoldQuestion
    prediction: Prediction
    best_right: bool
    marks: Marks
    stage: FailureStage

    @property
    def abstained(self) -> bool:
        """Whether the system said that the documents do not answer."""
        return self.prediction.text is None and not self.prediction.error


@dataclass(frozen=True, slots=True)
class Run:
    """One system's judged predictions for the whole gold set, in its order, with their times."""

    system: str
    description: str
    judged: tuple[Judged, ...]
    milliseconds: tuple[float, ...]
