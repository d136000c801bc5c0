"""Show the questions of a visit, the latest first."""

from collections.abc import Sequence

from qa.page.markup import button, escape
from qa.page.visits import Entry

_SHOWN = 50
_LONGEST = 80


def render_history(entries: Sequence[Entry]) -> str:
    """Return the list of questions; a click shows an answer again as it was given."""
    if not entries:
        return '<p class="empty">Nothing asked yet.</p>'
    rows = "".join(_row(entry) for entry in entries[: -_SHOWN - 1 : -1])
    return f'<ul class="history">{rows}</ul>'


def _row(entry: Entry) -> str:
    answer = entry.answer
    said = "no answer" if answer.text is None else answer.text
    said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
    question = button(answer.question, "show", kind="link", entry=entry.number)
    return f'<li>{question}<span class="said-before"><bdi>{escape(said)}</bdi></span></li>'
