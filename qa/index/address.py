"""Open and save an index by its address: a folder of this machine, or a database.

Nothing else knows both kinds. What each holds is left to `qa.index.store` and `qa.index.postgres`.
"""

from pathlib import Path

from embeddings import Encoder
from qa.formats import Limits
from qa.index.local import LocalIndex
from qa.index.postgres.server import is_database
from qa.index.protocol import IndexChanges, SearchIndex
from qa.index.store import open_index, save_index

# What is kept in a database loads when an address asks for it.


def open_address(address: str | Path, encoder: Encoder) -> SearchIndex:
    """Open the index at an address; raise `StoreError` where there is none that is whole."""
    if is_database(address):
        from qa.index.postgres.index import PostgresIndex

        return PostgresIndex(str(address), encoder)
    return LocalIndex(open_index(Path(address), encoder), encoder)


def save_address(index: SearchIndex, address: str | Path) -> None:
    """Write a copy of an index to an address; raise `StoreError` where that cannot be."""
    if is_database(address):
        from qa.index.postgres.living import fill

        fill(str(address), index.documents, index.passages, index.encoder)
    else:
        save_index(index.built(), Path(address), index.encoder)


def changes_of(
    address: str | Path, encoder: str | None, wait: float, limits: Limits | None, progress: bool
) -> IndexChanges:
    """Return what changes the index at an address; see `qa.index.living.LivingIndex`."""
    if is_database(address):
        from qa.index.postgres.living import DatabaseChanges

        return DatabaseChanges(address, encoder, wait, limits, progress)
    from qa.index.updating import FolderChanges

    return FolderChanges(address, encoder, wait, limits, progress)
