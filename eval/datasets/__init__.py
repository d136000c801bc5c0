"""Read questions: gold files, SQuAD files and judged collections in; frozen records out.

Every line that cannot be used is named by its number. Asking the questions is left to
`eval.runner` and `eval.benchmarks`.
"""

from eval.datasets.collection import (
    Article,
    Collection,
    article_passages,
    as_collection,
    read_collection,
)
from eval.datasets.gold import read_gold
from eval.datasets.lines import numbered_lines, paragraphs, parse_object
from eval.datasets.squad import ContextQuestion, distinct_contexts, read_squad

__all__ = [
    "Article", "Collection", "ContextQuestion", "article_passages", "as_collection",
    "distinct_contexts", "numbered_lines", "paragraphs", "parse_object", "read_collection",
    "read_gold", "read_squad",
]  # fmt: skip
