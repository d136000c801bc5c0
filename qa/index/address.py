"""Open and save an index by its address: a folder of this machine, or a database.

Nothing else knows both kinds. What each holds is left to `qa.index.store` and `qa.index.postgres`.
"""

from pathlib import Path

from embeddings import Encoder
from qa.index.local import LocalIndex
from qa.index.postgres.index import PostgresIndex
from qa.index.postgres.living import DatabaseChanges, fill
from qa.index.postgres.server import is_database
from qa.index.protocol import SearchIndex
from qa.index.store import open_index, save_index
from qa.index.updating import FolderChanges


def open_address(address: str | Path, encoder: Encoder) -> SearchIndex:
    """Open the index at an address; raise `StoreError` where there is none that is whole."""
    if is_database(address):
        return PostgresIndex(str(address), encoder)
    return LocalIndex(open_index(Path(address), encoder), encoder)


def save_address(index: SearchIndex, address: str | Path) -> None:
    """Write a copy of an index to an address; raise `StoreError` where that cannot be."""
    if is_database(address):
        fill(str(address), index.documents, index.passages, index.encoder)
    else:
        save_index(index.built(), Path(address), index.encoder)


def changes_of(address: str | Path) -> type[DatabaseChanges] | type[FolderChanges]:
    """Return what changes an index at an address."""
    return DatabaseChanges if is_database(address) else FolderChanges
