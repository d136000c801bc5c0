"""Define the nouns that pass between the stages: documents, passages, hits, citations, answers.

They are frozen and hold no arrays. How they are made and shown is left to the other rooms.
"""

from qa.schema.answers import Alternative, Answer, Citation
from qa.schema.blocks import Block, BlockKind, Place, Span
from qa.schema.documents import Document, Passage, PassageKind
from qa.schema.hits import Candidate, Hit, Reading, Signals, named

__all__ = [
    "Alternative",
    "Answer",
    "Block",
    "BlockKind",
    "Candidate",
    "Citation",
    "Document",
    "Hit",
    "Passage",
    "PassageKind",
    "Place",
    "Reading",
    "Signals",
    "Span",
    "named",
]
