"""Answer questions from your own documents with exact quotes, their places and a confidence."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.assistant import Assistant as Assistant
    from qa.documents.filters import Filter as Filter
    from qa.documents.loading import load_folder as load_folder
    from qa.documents.loading import make_document as make_document
    from qa.errors import DocumentError as DocumentError
    from qa.errors import InputError as InputError
    from qa.errors import ModelError as ModelError
    from qa.errors import QAError as QAError
    from qa.errors import SpanError as SpanError
    from qa.errors import StoreError as StoreError
    from qa.formats.limits import Limits as Limits
    from qa.index.living import LivingDatabase as LivingDatabase
    from qa.index.living import LivingIndex as LivingIndex
    from qa.retrieval.hybrid import HybridRetriever as HybridRetriever
    from qa.retrieval.hybrid import Weights as Weights
    from qa.schema import Alternative as Alternative
    from qa.schema import Answer as Answer
    from qa.schema import Candidate as Candidate
    from qa.schema import Citation as Citation
    from qa.schema import Document as Document
    from qa.schema import Hit as Hit
    from qa.schema import Passage as Passage
    from qa.schema import PassageKind as PassageKind
    from qa.schema import Place as Place
    from qa.schema import Reading as Reading
    from qa.schema import Span as Span
    from qa.shipped import aask as aask
    from qa.shipped import ask as ask
    from qa.text.passages import split_passages as split_passages
    from qa.text.tokens import sentences as sentences

# Names load when first used, so that `import qa` costs milliseconds.
_HOME = {
    "qa.assistant": ("Assistant",),
    "qa.errors": (
        "DocumentError",
        "InputError",
        "ModelError",
        "QAError",
        "SpanError",
        "StoreError",
    ),
    "qa.documents.filters": ("Filter",),
    "qa.formats.limits": ("Limits",),
    "qa.retrieval.hybrid": ("HybridRetriever", "Weights"),
    "qa.index.living": ("LivingDatabase", "LivingIndex"),
    "qa.documents.loading": ("load_folder", "make_document"),
    "qa.text.passages": ("split_passages",),
    "qa.schema": (
        "Alternative",
        "Answer",
        "Candidate",
        "Citation",
        "Document",
        "Hit",
        "Passage",
        "PassageKind",
        "Place",
        "Reading",
        "Span",
    ),
    "qa.shipped": ("aask", "ask"),
    "qa.text.tokens": ("sentences",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = sorted(_MODULE_OF)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'qa' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
