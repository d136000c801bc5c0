"""Score an answer against the accepted ones: exact match and F1 of the SQuAD 2.0 script.

Written from the definition (Rajpurkar, Jia and Liang 2018, evaluation script 2.0). Where an
answer stands, and whether abstaining was right, is left to `eval.judge`.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Return ``text`` in lower case, without ASCII punctuation, articles and extra white space.

    The order matters and is that of the script: case, punctuation, articles, white space.

    >>> normalise("The $70-billion  target, a first!")
    '70billion target first'
    """
    bare = text.lower().translate(_WITHOUT_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def accepted_answers(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the gold answers that do not normalise to nothing, or one empty answer if all do.

    The SQuAD script treats a question without such an answer as unanswerable.

    >>> accepted_answers(["The", "the Fed"]), accepted_answers([])
    (('the Fed',), ('',))
    """
    return tuple(text for text in texts if normalise(text)) or ("",)


def exact_match(answer: str, gold: Sequence[str]) -> float:
    """Return 1 if ``answer`` equals an accepted answer after normalising both, else 0.

    Abstaining is the empty answer: it matches exactly where there is no gold answer.
    """
    return float(any(normalise(answer) == normalise(text) for text in accepted_answers(gold)))


def f1(answer: str, gold: Sequence[str]) -> float:
    """Return the highest token F1 of ``answer`` against any of the accepted answers.

    ``F1 = 2 P R / (P + R)``. Of the tokens that both sides share, counted with multiplicity,
    ``P`` is the share in the answer and ``R`` the share in the gold answer. If either side is
    empty, F1 is 1 if both are, else 0.
    """
    return max(_f1_one(answer, text) for text in accepted_answers(gold))


def _f1_one(answer: str, gold: str) -> float:
    given, wanted = normalise(answer).split(), normalise(gold).split()
    if not given or not wanted:
        return float(given == wanted)
    common = (Counter(given) & Counter(wanted)).total()
    if common == 0:
        return 0.0
    precision, recall = common / len(given), common / len(wanted)
    return 2 * precision * recall / (precision + recall)
