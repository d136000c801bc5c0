"""Keep each visitor's documents, questions and judgements in memory until the visit ends.

Nothing here is ever written to a disk: when a visit ends, nothing of it is left. Which documents
a question goes to is left to `qa.page.library`.
"""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from qa.assistant import Assistant
from qa.errors import InputError
from qa.page.settings import Limits
from qa.schema import Answer, Document, Passage

MOST_ENTRIES = 200  # questions that a visit remembers


@dataclass(slots=True)
class Entry:
    """A question of a visit: what was answered, from which documents, and when (ISO 8601).

    ``documents`` are those of the answer's hits, by id, so that an answer shown again has not
    changed. ``chosen`` are the sources of the documents to which the visitor limited the question,
    empty for all of the scope. ``min_confidence`` is the confidence that the visitor required,
    None for the reader's own threshold.
    """

    number: int
    scope: str
    answer: Answer
    asked_at: str
    documents: dict[str, Document]
    chosen: tuple[str, ...] = ()
    min_confidence: float | None = None
    judgement: "Judgement | None" = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a visitor says of an answer.

    ``answers`` are the right answers: text, source of the document, and offset in it. They are
    empty where the documents do not answer, and None where the right answer is not known.
    """

    right: bool
    answers: tuple[tuple[str, str, int], ...] | None


@dataclass(slots=True)
class Visit:
    """One visitor's own documents with their passages, by id, and the questions asked so far."""

    token: str
    documents: dict[str, tuple[Document, tuple[Passage, ...]]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    asked: int = 0
    assistants: dict[str, Assistant] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    seen: float = 0.0
    left: float | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def remember(
        self,
        scope: str,
        answer: Answer,
        documents: Iterable[Document],
        *,
        chosen: tuple[str, ...] = (),
        min_confidence: float | None = None,
    ) -> Entry:
        """Add a question to the history, which keeps the last `MOST_ENTRIES`."""
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with self.lock:
            self.asked += 1
            by_id = {document.id: document for document in documents}
            entry = Entry(self.asked, scope, answer, now, by_id, chosen, min_confidence)
            self.entries.append(entry)
            del self.entries[:-MOST_ENTRIES]
        return entry

    def forget(self, document_ids: Collection[str]) -> None:
        """Remove documents, and with them every question whose answer read one of them."""
        with self.lock:
            for key in document_ids:
                self.documents.pop(key, None)
                self.sizes.pop(key, None)
            self.assistants.clear()
            gone = set(document_ids)
            self.entries[:] = [one for one in self.entries if not gone & set(one.documents)]

    def entry(self, number: int) -> Entry:
        """Return a question of this visit; raise `InputError` where there is none."""
        for entry in self.entries:
            if entry.number == number:
                return entry
        raise InputError("this question is no longer in the history; ask it again")


class Visits:
    """The current visits, by their token; safe to use from several threads."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._visits: dict[str, Visit] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def begin(self, session: str, token: str = "") -> str:
        """Return the token of a new visit, or ``token`` where its visit goes on after a reload.

        Raise `InputError` where there are too many visitors.
        """
        self.sweep()
        with self._lock:
            visit = self._visits.get(token)
            if visit is None:
                visit = Visit(secrets.token_urlsafe(16))
                self._make_room()
                self._visits[visit.token] = visit
            visit.sessions.add(session)
            visit.seen, visit.left = self._clock(), None
            return visit.token

    def find(self, token: str) -> Visit | None:
        """Return the visit of this token, or None where it has ended."""
        with self._lock:
            visit = self._visits.get(token)
            if visit is not None and self._over(visit):
                del self._visits[token]
                return None
            if visit is not None:
                visit.seen = self._clock()
            return visit

    def leave(self, session: str) -> None:
        """Note that a tab was closed; its visit ends soon unless another tab is open."""
        with self._lock:
            for visit in self._visits.values():
                if session in visit.sessions:
                    visit.sessions.discard(session)
                    if not visit.sessions:
                        visit.left = self._clock()

    def sweep(self) -> None:
        """Forget the visits that are over."""
        with self._lock:
            for token in [token for token, visit in self._visits.items() if self._over(visit)]:
                del self._visits[token]

    def sweep_regularly(self) -> None:
        """Sweep in the background until `close`."""
        period = max(min(self.limits.grace_seconds, self.limits.idle_seconds, 30.0) / 2, 0.05)

        def work() -> None:
            while not self._closing.wait(period):
                self.sweep()

        threading.Thread(target=work, name="qa-visits", daemon=True).start()

    def close(self) -> None:
        """Forget every visit."""
        self._closing.set()
        with self._lock:
            self._visits.clear()

    def __len__(self) -> int:
        return len(self._visits)

    def _over(self, visit: Visit) -> bool:
        now = self._clock()
        gone = visit.left is not None and now - visit.left >= self.limits.grace_seconds
        return gone or now - visit.seen >= self.limits.idle_seconds

    def _make_room(self) -> None:
        """Forget the longest idle visit without documents, or refuse another visitor."""
        if len(self._visits) < self.limits.visits:
            return
        idle = [visit for visit in self._visits.values() if not visit.documents]
        if not idle:
            raise InputError("too many visitors hold documents here; come back later")
        del self._visits[min(idle, key=lambda visit: visit.seen).token]
