"""Turn what a visitor says of an answer into gold questions, and keep them in a file.

Gold questions are lines of JSON as `eval` reads them: ``id``, ``question``, ``answers``,
``document``. Only those on shared documents are kept: a visitor's own documents, and all words
from them, are gone when the visit ends.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qa.errors import InputError, StoreError
from qa.page.library import SHARED
from qa.page.visits import Entry, Judgement
from qa.schema import Document

_writing = threading.Lock()


def approve(entry: Entry) -> Judgement:
    """Return the judgement that an answer, or a refusal, is right.

    Of a refusal, what is right stays unknown where the visitor asked only some documents, since
    others may answer, and where the visitor set the confidence that an answer had to reach.
    """
    cited = entry.answer.citations
    if not cited and (entry.chosen or entry.min_confidence is not None):
        return Judgement(True, None)
    return Judgement(True, tuple((one.quote, one.document, one.span.start) for one in cited))


def correct(entry: Entry, words: str, nothing: bool, documents: Sequence[Document]) -> Judgement:
    """Return the judgement that an answer is wrong.

    ``words`` are the right answer, copied from one of ``documents``; ``nothing`` says that the
    documents do not answer. Raise `InputError` where no document holds the words.
    """
    if nothing:
        return Judgement(False, None if entry.chosen else ())
    wanted = words.strip()
    if not wanted:
        return Judgement(False, None)
    read = [one for one in documents if one.id in entry.documents]
    rest = [one for one in documents if one.id not in entry.documents]
    for document in (*read, *rest):
        place = document.text.find(wanted)
        if place >= 0:
            return Judgement(False, ((wanted, document.source, place),))
    raise InputError(
        "these words stand in none of the documents; copy them letter by letter from the document"
    )


def keep(entry: Entry, path: Path | None) -> None:
    """Append the gold question of a judged answer to a file, once, if it is on shared documents.

    A ``path`` of None keeps nothing. Raise `StoreError` where the file cannot be written.
    """
    row = gold_row(entry.answer.question, entry.judgement)
    if path is None or row is None or entry.scope != SHARED:
        return
    line = json.dumps(row, ensure_ascii=False) + "\n"
    try:
        with _writing:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and line in path.read_text(encoding="utf-8"):
                return
            with path.open("a", encoding="utf-8") as file:
                file.write(line)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path}: the judgement cannot be kept ({error}); check the file"
        ) from error


def to_gold(entries: Iterable[Entry]) -> str:
    """Return the judged questions whose right answer is known, one JSON object a line."""
    rows = [gold_row(entry.answer.question, entry.judgement) for entry in entries]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows if row is not None)


def gold_row(question: str, judgement: Judgement | None) -> dict[str, Any] | None:
    """Return the fields of a gold question, or None where the right answer is not known.

    The id is a hash of the question and its answers: the same judgement twice gives the same line.
    """
    if judgement is None or judgement.answers is None:
        return None
    answers = [
        {"text": text, "document": document, "start": start}
        for text, document, start in judgement.answers
    ]
    identity = json.dumps([question, answers], ensure_ascii=False).encode("utf-8", "replace")
    return {
        "id": f"use-{hashlib.sha256(identity).hexdigest()[:12]}",
        "question": question,
        "answers": answers,
        "document": answers[0]["document"] if answers else None,
    }
