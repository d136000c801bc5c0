"""Read a gold file: questions, their accepted answers, and where these stand in the documents.

Each line is a JSON object with ``id``, ``question``, ``answers`` (empty where the documents do not
answer) and ``document`` (the path within the folder, or null). An answer is a text or
``{"text", "document", "start", "evidence"}``, all but the first optional. A line may also have
``evidence`` (a text, ``{"start", "end"}`` or a list), ``kind``, ``difficulty`` and ``wording``;
other fields are ignored. Asking the questions is left to `eval.runner`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets.lines import (
    LineError,
    Problem,
    decode,
    identifier,
    numbered_lines,
    parse_object,
    read_bytes,
    text_field,
)
from eval.datasets.locations import LocationFinder
from eval.schema import EvalError, GoldAnswer, GoldQuestion, GoldSet, Location
from qa import Document


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a line claims to be in a document: words, a range, or words at an offset."""

    text: str
    document: str | None
    start: int | None
    end: int | None
    evidence: tuple["_Claim", ...] = ()


def read_gold(path: Path, documents: Sequence[Document]) -> GoldSet:
    """Return the questions of ``path`` with their locations in ``documents``.

    Raise `LineError` naming each line that is malformed, repeats an id, names an unknown
    document, gives a wrong offset, or whose answers are all absent from their document: no
    assistant could answer such a question. If only some answers of a question are absent, that is
    a warning, and they still count for exact match and F1.
    """
    content = read_bytes(path)
    finder = LocationFinder(documents)
    questions, problems = [], []
    warnings: list[str] = []
    seen: dict[str, int] = {}
    for number, line in numbered_lines(decode(content, path)):
        try:
            row = parse_object(line)
            question, doubts = _question(identifier(row, "id", seen, number), row, finder)
        except ValueError as error:
            problems.append(Problem(number, str(error)))
        else:
            questions.append(question)
            warnings.extend(f"{path.name}, line {number}: {doubt}" for doubt in doubts)
    if problems:
        raise LineError(path, problems)
    if not questions:
        raise EvalError(f"{path}: holds no questions; give one JSON object a line")
    digest = hashlib.sha256(content).hexdigest()
    return GoldSet(path.name, digest, tuple(questions), tuple(warnings))


def _question(
    key: str, row: dict[str, Any], finder: LocationFinder
) -> tuple[GoldQuestion, list[str]]:
    text = text_field(row, "question")
    document = None if row.get("document") is None else text_field(row, "document")
    document = document and finder.document(document)
    evidence, doubts = _evidence(_claims(row.get("evidence"), "evidence"), document, finder)
    if not isinstance(row.get("answers"), list):
        found = repr(row["answers"]) if "answers" in row else f"missing; found {', '.join(row)}"
        raise ValueError(f'"answers" must be a list, empty where nothing answers; it is {found}')
    answers: list[GoldAnswer] = []
    for claim in _claims(row["answers"], "answers"):
        name = document if claim.document is None else finder.document(claim.document)
        if name is None:
            raise ValueError(f'the answer {claim.text!r} needs a "document" that holds it')
        own, more = _evidence(claim.evidence, name, finder)
        answers.append(
            GoldAnswer(claim.text, _answer_locations(claim, name, own + evidence, finder))
        )
        evidence, doubts = evidence + own, doubts + more
    absent = ", ".join(repr(answer.text) for answer in answers if not answer.locations)
    locations = [location for answer in answers for location in answer.locations]
    if answers and not locations:
        raise ValueError(f"no answer stands in {document or 'its document'}: {absent}")
    if absent:
        doubts.append(f"stands nowhere in its document: {absent}")
    evidence = list(dict.fromkeys(evidence or map(finder.sentence, locations)))
    labels = (_label(row, name) for name in ("kind", "difficulty", "wording"))
    return GoldQuestion(key, text, tuple(answers), tuple(evidence), *labels), doubts


def _answer_locations(
    claim: _Claim, name: str, evidence: Sequence[Location], finder: LocationFinder
) -> tuple[Location, ...]:
    """Return where an answer counts: at its offset, else in the evidence, else anywhere."""
    if claim.start is not None:
        return (finder.stated(claim.text, name, claim.start),)
    locations = finder.search(claim.text, name)
    proven = [p for p in locations if any(sentence.covers(p) for sentence in evidence)]
    return tuple(proven) or locations


def _evidence(
    claims: Sequence[_Claim], document: str | None, finder: LocationFinder
) -> tuple[list[Location], list[str]]:
    """Return the locations of the evidence, and a warning for each that is absent."""
    locations: list[Location] = []
    doubts = []
    for claim in claims:
        name = document if claim.document is None else finder.document(claim.document)
        names = finder.names if name is None else (name,)
        if claim.start is not None and name is not None:
            found: tuple[Location, ...] = (_stated(claim, name, claim.start, finder),)
        else:
            found = tuple(
                location for each in names for location in finder.search(claim.text, each)
            )
        if not found:
            doubts.append(f"the evidence stands nowhere: {claim.text[:60]!r}")
        locations.extend(found)
    return locations, doubts


def _stated(claim: _Claim, name: str, start: int, finder: LocationFinder) -> Location:
    if claim.text:
        return finder.stated(claim.text, name, start)
    return finder.at(name, start, start if claim.end is None else claim.end)


def _claims(value: object, name: str) -> tuple[_Claim, ...]:
    if value is None:
        return ()
    return tuple(_claim(item, name) for item in (value if isinstance(value, list) else [value]))


def _claim(item: object, name: str) -> _Claim:
    row = {"text": item} if isinstance(item, str) else item
    if not isinstance(row, dict):
        raise ValueError(f'"{name}" must hold texts or objects with "text", not {item!r}')
    start, end = _whole(row, "start"), _whole(row, "end")
    ranged = name == "evidence" and start is not None and end is not None
    text = "" if ranged and "text" not in row else text_field(row, "text")
    document = None if row.get("document") is None else text_field(row, "document")
    return _Claim(text, document, start, end, _claims(row.get("evidence"), "evidence"))


def _whole(row: dict[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f'"{name}" must be a whole number, not {value!r}')
    return value


def _label(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f'"{name}" must be a text, not {value!r}')
    return "" if value is None else str(value)
