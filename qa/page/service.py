"""Handle the page's requests: one method for each thing that a visitor can do.

Requests and replies are JSON objects. The HTML in them is left to `answers`, `documents` and
`history`, and who may send a request to `qa.page.guard`.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qa.documents import Filter
from qa.errors import DocumentError, InputError, QAError
from qa.page import documents, gold, history
from qa.page.answers import render_answer
from qa.page.library import BOTH, SHARED, Library
from qa.page.settings import Settings
from qa.page.visits import Entry, Visit, Visits
from qa.schema import Document, Span

Reply = dict[str, Any]


class Service:
    """The requests that the page can send; a visit that has ended gets ``{"gone": True}``."""

    def __init__(self, library: Library, visits: Visits, settings: Settings) -> None:
        self.library = library
        self.visits = visits
        self.settings = settings
        self._acts: dict[str, Callable[[Visit, Mapping[str, Any]], Reply]] = {
            "ask": self._ask,
            "show": self._show,
            "read": self._read,
            "add": self._add,
            "build": self._build,
            "remove": self._remove,
            "judge": self._judge,
            "export": self._export,
            "state": self._state,
        }

    def call(self, body: Any) -> Reply:
        """Return the reply to the request ``body["act"]`` of the visit ``body["visit"]``.

        An error that the visitor can correct is returned as ``{"error": message}``.
        """
        try:
            if not isinstance(body, Mapping):
                raise InputError("a request is a JSON object; reload the page")
            act = self._acts.get(_text(body, "act"))
            if act is None:
                raise InputError("the page asks for something unknown; reload it")
            visit = self.visits.find(_text(body, "visit"))
            return {"gone": True} if visit is None else act(visit, body)
        except QAError as error:
            return {"error": str(error)}

    def _ask(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        scope, chosen = _text(body, "scope"), _texts(body, "documents")
        assistant = self.library.assistant(visit, scope)
        where = Filter(documents=chosen) if chosen else None
        required = body.get("min_confidence")
        answer = assistant.using(min_confidence=required).ask(_text(body, "question"), where=where)
        read = (assistant.document(hit.passage.document_id) for hit in answer.hits)
        entry = visit.remember(scope, answer, read, chosen=chosen, min_confidence=required)
        return self._answered(visit, entry)

    def _show(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        return self._answered(visit, visit.entry(_number(body, "entry")))

    def _answered(self, visit: Visit, entry: Entry) -> Reply:
        answer = entry.answer
        more = bool(entry.chosen) or (entry.scope != BOTH and bool(visit.documents))
        return {
            "html": render_answer(entry, answer.unknown, more_documents=more),
            "entry": entry.number,
            "question": answer.question,
            "answer": answer.text,
            "confidence": answer.confidence,
            "history": history.render_history(visit.entries),
        }

    def _read(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        document = self.library.find(visit, _text(body, "document"), _text(body, "sha"))
        quote, sentence = _span(body, "start", "end"), _span(body, "from", "to")
        for span in (quote, sentence):
            if span is not None:
                span.of(document.text)
        return {"html": documents.render_document(document, quote, sentence)}

    def _add(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        name = _text(body, "name")
        try:
            content = base64.b64decode(_text(body, "content"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise DocumentError(f"{name}: arrived damaged; add it again") from error
        document = self.library.add(visit, name, content)
        return {"read": document.source, "passages": len(visit.documents[document.id][1])}

    def _build(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        """Index the added documents now, so that the first question need not wait for it."""
        if visit.documents:
            self.library.assistant(visit, _text(body, "scope"))
        return self._state(visit, body)

    def _remove(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        key = _text(body, "id")
        visit.forget([key] if key else list(visit.documents))
        return self._state(visit, body)

    def _state(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        return {
            "own": documents.render_own(visit),
            "count": len(visit.documents),
            "asked": len(visit.entries),
            "history": history.render_history(visit.entries),
        }

    def _judge(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        entry = visit.entry(_number(body, "entry"))
        if body.get("right") is True:
            entry.judgement = gold.approve(entry)
        else:
            nothing = body.get("nothing") is True
            words = _text(body, "words")
            entry.judgement = gold.correct(entry, words, nothing, self._documents(visit, entry))
        gold.keep(entry, self.settings.judgements)
        known = entry.judgement.answers is not None
        said = "Thank you: it is a gold question now; export them below the history."
        noted = "right" if entry.judgement.right else "wrong"
        return {"said": said if known else f"Thank you: noted as {noted}."}

    def _documents(self, visit: Visit, entry: Entry) -> Sequence[Document]:
        if entry.scope == SHARED or not visit.documents:
            return self.library.shared.documents
        return self.library.assistant(visit, entry.scope).documents

    def _export(self, visit: Visit, body: Mapping[str, Any]) -> Reply:
        kinds = {
            "markdown": ("questions.md", "text/markdown", history.to_markdown),
            "json": ("questions.json", "application/json", history.to_json),
            "gold": ("gold.jsonl", "application/x-ndjson", gold.to_gold),
        }
        kind = _text(body, "kind")
        if kind not in kinds:
            raise InputError(f"export as {', '.join(kinds)}, not as {kind!r}")
        name, media, write = kinds[kind]
        text = write(visit.entries)
        if not text:
            raise InputError("nothing is judged yet; say of an answer whether it is right")
        return {"name": name, "media": media, "text": text}


def _text(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field, "")
    if not isinstance(value, str):
        raise InputError(f"{field} is a string; reload the page")
    return value


def _texts(body: Mapping[str, Any], field: str) -> tuple[str, ...]:
    values = body.get(field, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{field} is a list of strings; reload the page")
    return tuple(values)


def _number(body: Mapping[str, Any], field: str) -> int:
    value = body.get(field)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{field} is a whole number; reload the page")
    return value


def _span(body: Mapping[str, Any], start: str, end: str) -> Span | None:
    if body.get(start) is None or body.get(end) is None:
        return None
    return Span(_number(body, start), _number(body, end))
