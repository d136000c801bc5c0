"""Check our gold questions against the documents; report each fault with its line number.

`check_gold` checks one file: known fields in order; unique, sorted ids; each answer verbatim at
its offset (code points of the file as UTF-8 without BOM, line ends untouched); its evidence one
whole sentence, list item or table row around it; for every unanswerable question a search that
finds nothing in any document; wording labels that agree with the measured overlap.
`check_disjoint` checks that two splits share no id, near-identical question or evidence. An item
of an `absent` search is a case-insensitive regular expression that no sentence may match, or
`{"all_in_one_sentence": [...]}`: expressions that no single sentence may match all of.

It shares no code with the assistant, so that their faults cannot hide each other. Whether an
answer is true and its question well put is left to people; users' gold files to
`eval.datasets.gold`.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import Stemmer

from eval.datasets.lines import parse_object

Row = dict[str, Any]

REQUIRED = ("id", "question", "answers", "document", "kind", "difficulty", "wording")
FIELDS = (*REQUIRED[:4], "about", *REQUIRED[4:], "absent", "note")
ANSWERABLE = {"amount", "date", "person", "title_role", "organisation", "place", "reason"} | {
    *("quote", "definition", "list", "table", "caption", "conflict", "other")
}
UNANSWERABLE = {"off_topic", "missing_fact", "false_premise"}
DIFFICULTY = {"easy", "medium", "hard"}
WORDING = {"close", "low_overlap", "keywords", "typos"}
LOW_OVERLAP = 0.4  # at most this share of the question's content words in the evidence is low
SAME_QUESTION = 0.75  # Jaccard similarity of content words from which two questions are one

_STEM = Stemmer.Stemmer("english")
_STOP = re.compile(
    r"(?:an?|and|any|are|as|at|be|been|being|but|by|can|could|did|do|does|for|from|had|has|have|he"
    r"|her|his|how|i|if|in|into|is|its?|many|me|much|must|no|not|of|on|or|our|out|over|s|she|should"
    r"|so|t|than|that|the|their|them|then|there|these|they|this|those|to|up|was|we|were|what|when"
    r"|where|which|who|whom|whose|why|will|with|would|you|your|according)$"
)
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]*(?=\s|$)")
_ITEM = re.compile(r"\s*(?:-+ |[*•|])")


def read_documents(folder: Path) -> dict[str, str]:
    """Return the text of every `.txt` file in the folder, by path, with its line ends untouched."""
    texts = {}
    for path in sorted(folder.rglob("*.txt")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            texts[path.relative_to(folder).as_posix()] = stream.read()
    return texts


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each sentence; a list item, table row or bare line counts as one."""
    for line in re.finditer(r"[^\r\n]+", text):
        ends = [] if _ITEM.match(line[0]) else [m.end() for m in _SENTENCE_END.finditer(line[0])]
        cuts = [0, *ends, len(line[0])]
        for left, right in pairwise(cuts):
            piece = line[0][left:right]
            if piece.strip():
                start = line.start() + left + len(piece) - len(piece.lstrip())
                yield start, start + len(piece.strip())


def content_words(text: str) -> set[str]:
    """Return the stems of the words that are not stop words."""
    words = re.findall(r"[^\W_]+", re.sub(r"[’']s\b", "", text.lower()))
    return set(_STEM.stemWords([word for word in words if not _STOP.match(word)]))


def overlap(question: str, passages: Iterable[str]) -> float:
    """Return the largest share of the question's content words that one passage holds."""
    asked = content_words(question)
    shares = (len(asked & content_words(passage)) / len(asked) for passage in passages if asked)
    return max(shares, default=0.0)


def measured_overlap(row: Row, documents: dict[str, str]) -> float:
    """Return the overlap with the evidence or, if there are no answers, with any sentence."""
    spans = [(a["document"], a["evidence"]["start"], a["evidence"]["end"]) for a in row["answers"]]
    anywhere = ((name, *span) for name, text in documents.items() for span in sentences(text))
    return overlap(row["question"], (documents[d][s:e] for d, s, e in spans or anywhere))


def load(gold_path: Path) -> tuple[dict[int, Row], list[str]]:
    """Return the rows by line number, and a problem for each line that is not a JSON object."""
    rows: dict[int, Row] = {}
    problems = []
    for number, line in enumerate(gold_path.read_text("utf-8").rstrip("\n").split("\n"), 1):
        try:
            rows[number] = parse_object(line)
        except ValueError:
            problems.append(f"{gold_path.name}:{number}: not a JSON object")
    return rows, problems


def _field_faults(row: Row) -> Iterator[str]:
    if list(row) != [name for name in FIELDS if name in row]:
        yield "unknown field, or fields out of order"
    yield from (f"no field {name}" for name in REQUIRED if name not in row)
    if not str(row.get("question", "")).strip():
        yield "empty question"
    kinds = ANSWERABLE if row.get("answers") else UNANSWERABLE
    for name, valid in (("kind", kinds), ("difficulty", DIFFICULTY), ("wording", WORDING)):
        if name in row and row[name] not in valid:
            yield f"{name} {row[name]!r} is not valid here"


def _answer_faults(row: Row, documents: dict[str, str]) -> Iterator[str]:
    if row["document"] not in {answer["document"] for answer in row["answers"]}:
        yield f"document {row['document']!r} gives none of the answers"
    seen = Counter((a["text"], a["document"], a["start"]) for a in row["answers"])
    yield from (f"answer {key[0]!r} is listed twice" for key, n in seen.items() if n > 1)
    for answer in row["answers"]:
        text, start, evidence = answer["text"], answer["start"], answer["evidence"]
        document = documents.get(answer["document"])
        if document is None:
            yield f"no document {answer['document']!r}"
        elif not text.strip() or start < 0 or document[start : start + len(text)] != text:
            yield f"answer {text!r} is not verbatim at {start}"
        elif (evidence["start"], evidence["end"]) not in set(sentences(document)):
            yield f"evidence of {text!r} is not one sentence, item or row"
        elif not evidence["start"] <= start < start + len(text) <= evidence["end"]:
            yield f"evidence of {text!r} does not contain it"


def _absence_faults(row: Row, documents: dict[str, str]) -> Iterator[str]:
    if row["document"] is not None or row.get("about") not in {None, *documents}:
        yield "an unanswerable question has document null, and about a document or nothing"
    if not row.get("absent"):
        yield "no search that shows the answer absent"
    for item in row.get("absent", ()):
        patterns = [item] if isinstance(item, str) else item["all_in_one_sentence"]
        for name, text in documents.items():
            for start, end in sentences(text):
                if all(re.search(p, text[start:end], re.IGNORECASE) for p in patterns):
                    yield f"absent {item!r} is found in {name} at {start}"


def _row_faults(row: Row, documents: dict[str, str]) -> list[str]:
    faults = list(_field_faults(row))
    if not faults:
        faults = list((_answer_faults if row["answers"] else _absence_faults)(row, documents))
    if not faults and row["wording"] in {"close", "low_overlap"}:
        share = measured_overlap(row, documents)
        if (share <= LOW_OVERLAP) != (row["wording"] == "low_overlap"):
            faults.append(f"wording {row['wording']!r} but the overlap is {share:.2f}")
    return faults


def check_gold(gold_path: Path, documents_folder: Path) -> list[str]:
    """Return the faults of a gold file, each with its line number; none if it is sound."""
    documents = read_documents(documents_folder)
    rows, problems = load(gold_path)
    last = ""
    for number, row in rows.items():
        try:
            faults = _row_faults(row, documents)
        except (KeyError, TypeError, AttributeError, re.error) as error:
            faults = [f"malformed: {error!r}"]
        if not str(row.get("id", "")) > last:
            faults.append(f"id {row.get('id')!r} is missing, repeated or out of order")
        last = str(row.get("id", ""))
        problems += [f"{gold_path.name}:{number}: {fault}" for fault in faults]
    return problems


def check_disjoint(dev: Path, test: Path) -> list[str]:
    """Return each id, near-identical question and piece of evidence that two splits share."""
    problems = []
    for number, row in load(test)[0].items():
        asked, evidence = content_words(row["question"]), _evidence(row)
        for other in load(dev)[0].values():
            words = content_words(other["question"])
            alike = len(asked & words) >= SAME_QUESTION * max(1, len(asked | words))
            shared = {"id": row["id"] == other["id"], "question": alike}
            shared["evidence"] = bool(evidence & _evidence(other))
            same = [what for what, hit in shared.items() if hit]
            problems += [f"{test.name}:{number}: same {what} as {other['id']}" for what in same]
    return problems


def _evidence(row: Row) -> set[tuple[str, int]]:
    return {(answer["document"], answer["evidence"]["start"]) for answer in row["answers"]}


if __name__ == "__main__":  # python -m eval.datasets.gold_check DEV TEST DOCUMENTS
    _dev, _test, _docs = map(Path, sys.argv[1:])
    _found = check_gold(_dev, _docs) + check_gold(_test, _docs) + check_disjoint(_dev, _test)
    sys.exit("\n".join(_found) or 0)
