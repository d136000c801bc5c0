"""Cut text, and know its words: characters come in, tokens, stems, sentences and passages go out.

What a passage is worth for a question is left to `qa.retrieval`; files are left to `qa.formats`.
"""

from qa.text.blocks import find_blocks
from qa.text.boilerplate import is_boilerplate
from qa.text.displayed import display
from qa.text.headings import promote_headings
from qa.text.language import foreign, language_of
from qa.text.lines import ITEM, item_lines, list_items, list_opening, whole_list
from qa.text.passages import LONGEST_PASSAGE, split_passages
from qa.text.stems import content_stems, stem, stop_words
from qa.text.tokens import Token, as_written, is_cjk, sentences, terms, tokenize, trim

__all__ = [
    "ITEM",
    "LONGEST_PASSAGE",
    "Token",
    "as_written",
    "content_stems",
    "display",
    "find_blocks",
    "foreign",
    "is_boilerplate",
    "is_cjk",
    "item_lines",
    "language_of",
    "list_items",
    "list_opening",
    "promote_headings",
    "sentences",
    "split_passages",
    "stem",
    "stop_words",
    "terms",
    "tokenize",
    "trim",
    "whole_list",
]
