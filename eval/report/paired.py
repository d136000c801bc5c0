"""Compare two reports on the same questions, group by group, with paired tests, as Markdown.

Of many groups some differ by chance, so whether a change is acceptable is left to
`eval.report.gate`, which tests one score over all questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.console import markdown
from eval.metrics import SEED, interval, probability_of_no_loss
from eval.report.build import Report, Row
from eval.report.gate import paired
from eval.report.table import ANSWERS, DECISIONS, MORE, cell
from eval.schema import EvalError

_FIELDS = ("kind", "difficulty", "wording")
_MARKS = (("f1", "F1"), ("f1_with_refusal", "F1 all"), ("right", "right"))
_WHOLE_RUN = (*ANSWERS, *DECISIONS, *MORE)


@dataclass(frozen=True, slots=True)
class Difference:
    """A score before and after a change, 0 to 100, and how certain their difference is.

    ``low`` and ``high`` bound the 95 % interval of after minus before; ``p_value`` is that of the
    two-sided paired bootstrap test for a change.
    """

    count: int
    before: float
    after: float
    low: float
    high: float
    p_value: float


def difference(pairs: Sequence[tuple[Row, Row]], mark: str) -> Difference | None:
    """Return how a mark changed over the questions that it applies to; None if there are none."""
    marks = [(getattr(old.marks, mark), getattr(new.marks, mark)) for old, new in pairs]
    both = [(old, new) for old, new in marks if old is not None and new is not None]
    if not both:
        return None
    changes = [round(new - old, 2) for old, new in both]
    loss = probability_of_no_loss(changes, SEED)
    gain = probability_of_no_loss([-change for change in changes], SEED)
    before, after = (sum(side) / len(both) for side in zip(*both, strict=True))
    low, high = interval(changes, SEED)
    return Difference(len(both), before, after, low, high, min(1.0, 2 * min(loss, gain)))


def render_differences(before: Report, after: Report) -> str:
    """Return the scores of both runs, and the paired differences of every group of questions.

    Raise `EvalError` if they have no question in common.
    """
    pairs = paired(before, after)
    if not pairs:
        raise EvalError("the two reports have no question in common")
    return f"{_runs(before, after)}\n\n{_groups(pairs)}"


def _runs(before: Report, after: Report) -> str:
    """Return a table of every score of the two assistants, with its interval."""
    old, new = before.systems[0], after.systems[0]
    rows = [
        [f"{column.heading}: {column.meaning}"]
        + [cell(one.score(column.score), with_interval=True) for one in (old, new)]
        for column in _WHOLE_RUN
    ]
    return markdown(["score", "before", "now"], rows)


def _groups(pairs: Sequence[tuple[Row, Row]]) -> str:
    """Return a table with a row for every group and mark."""
    groups = [("all", pairs)]
    for field in _FIELDS:
        names = sorted({getattr(new, field) for _, new in pairs} - {""})
        groups += [
            (f"{field}: {name}", [pair for pair in pairs if getattr(pair[1], field) == name])
            for name in names
        ]
    rows = [
        [name, heading, *_cells(found)]
        for name, part in groups
        for mark, heading in _MARKS
        if (found := difference(part, mark)) is not None
    ]
    return markdown(["questions", "score", "n", "before", "now", "difference", "p"], rows)


def _cells(found: Difference) -> list[str]:
    change = f"{found.after - found.before:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
    scores = [f"{found.before:.1f}", f"{found.after:.1f}"]
    return [str(found.count), *scores, change, f"{found.p_value:.3f}"]
