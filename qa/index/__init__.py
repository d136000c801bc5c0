"""Build and store indexes: documents come in, an index goes out, kept up to date in a folder or a
database.

How passages are scored is left to `qa.retrieval`.
"""

from qa.index.address import open_address, save_address
from qa.index.build import build_index
from qa.index.cache import cache_folder, cache_key, cached_index, clear_cache, keep_index
from qa.index.living import LivingDatabase, LivingIndex
from qa.index.local import LocalIndex
from qa.index.postgres.server import is_database, shown
from qa.index.protocol import SearchIndex

__all__ = [
    "LivingDatabase",
    "LivingIndex",
    "LocalIndex",
    "SearchIndex",
    "build_index",
    "cache_folder",
    "cache_key",
    "cached_index",
    "clear_cache",
    "is_database",
    "keep_index",
    "open_address",
    "save_address",
    "shown",
]
