"""Take what a visitor says of an answer, and keep it on this machine as gold questions.

Only judgements of the shared documents are kept beyond the visit: a visitor's own documents, and
all words from them, are gone with it.
"""

import json
import threading
from collections.abc import Sequence
from pathlib import Path

from qa.errors import InputError, StoreError
from qa.page.export import gold_row
from qa.page.library import SHARED
from qa.page.visits import Entry, Judgement
from qa.schema import Document

_writing = threading.Lock()


def approve(entry: Entry) -> Judgement:
    """Return the judgement that an answer, or a refusal, is right.

    A refusal of chosen documents says nothing of the others, and one for want of the confidence
    that the visitor asked for nothing of the documents: what is right there is not known.
    """
    cited = entry.answer.citations
    if not cited and (entry.chosen or entry.least is not None):
        return Judgement(True, None)
    return Judgement(True, tuple((one.quote, one.document, one.span.start) for one in cited))


def correct(entry: Entry, words: str, nothing: bool, documents: Sequence[Document]) -> Judgement:
    """Return the judgement that an answer is wrong.

    ``words`` are the right answer, copied from one of ``documents``; with ``nothing`` the
    documents do not answer. Raise `InputError` where the words stand in none of them.
    """
    if nothing:
        return Judgement(False, None if entry.chosen else ())
    wanted = words.strip()
    if not wanted:
        return Judgement(False, None)
    read = [documents_ for documents_ in documents if documents_.id in entry.documents]
    rest = [one for one in documents if one.id not in entry.documents]
    for document in (*read, *rest):
        place = document.text.find(wanted)
        if place >= 0:
            return Judgement(False, ((wanted, document.source, place),))
    raise InputError(
        "these words stand in none of the documents; copy them letter by letter from the document"
    )


def keep(entry: Entry, path: Path | None) -> None:
    """Append the judgement of an answer from the shared documents to a file of gold questions.

    Raise `StoreError` where it cannot be written.
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
