"""Ask the five documents that ship with the package: `qa.ask`, and what ``qa ask`` falls back on.

Asking other documents is left to `qa.assistant`.
"""

import threading
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from qa.assistant import Assistant
from qa.documents import Filter
from qa.schema import Answer


def ask(question: str, top_k: int | None = None, where: Filter | None = None) -> Answer:
    """Answer a question from the five documents that ship with the package."""
    return seeds_assistant().ask(question, top_k, where)


async def aask(question: str, top_k: int | None = None, where: Filter | None = None) -> Answer:
    """Answer as `ask` does, without blocking the event loop."""
    import asyncio

    return await asyncio.to_thread(ask, question, top_k, where)


def seeds_folder() -> Path:
    """Return the folder of the documents that ship with the package."""
    return Path(str(files("seeds")))


_loading = threading.Lock()


def seeds_assistant() -> Assistant:
    """Return the assistant over the documents that ship, one for the whole process."""
    with _loading:
        return _seeds_assistant()


@lru_cache(maxsize=1)
def _seeds_assistant() -> Assistant:
    return Assistant.from_folder(seeds_folder())
