"""Compare kinds of FAISS indexes over the same vectors: what each costs, and how much it finds.

Flat keeps vectors as they are and compares all. The others keep 8 bits a number: lists of
neighbours, of which the nearest are searched (an inverted file, IVF), or a graph whose links are
followed (HNSW). All are held in memory and use one thread; seconds and milliseconds are those of
computing. Which vectors are compared is left to `eval.benchmarks.growth`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eval.metrics.bootstrap import percentile

NEAREST = 10
PROBED = (8, 16, 32, 48, 96)  # lists; `qa` searches 48
KEPT = (16, 32, 64, 128)  # candidates that are followed in a graph at once
_LINKS = 32  # of a vector to others
_TRAINED = 64  # vectors a list, as in `qa`
Vectors = NDArray[np.float32]


class Kind(NamedTuple):
    """A kind of index: how it is made, and how wide it may be searched."""

    name: str
    make: Callable[[Vectors], Any]
    widths: Callable[[Any], Iterator[tuple[str, Any]]]


def compare(vectors: Vectors, queries: Vectors, folder: Path) -> list[dict[str, Any]]:
    """Return a row for each kind and width; files to be weighed are written to ``folder``."""
    rows: list[dict[str, Any]] = []
    exact: list[set[int]] = []
    for kind in KINDS:
        begun = time.process_time()
        index = kind.make(vectors)
        built, weight = time.process_time() - begun, _weight(index, folder / "kind")
        for width, parameters in kind.widths(index):
            times, found = _searched(index, queries, parameters)
            exact = exact or found
            rows.append({
                "kind": kind.name,
                "searched": width,
                "build_computing_seconds": round(built, 2),
                "disk_mb": round(weight / 1e6, 2),
                "p50_ms": round(percentile(times, 0.5), 3),
                "p95_ms": round(percentile(times, 0.95), 3),
                f"recall@{NEAREST}": _shared(found, exact),
            })  # fmt: skip
    return rows


def flat(vectors: Vectors) -> Any:
    """Return an index that compares every vector as it is."""
    faiss = _faiss()
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def lists(vectors: Vectors) -> Any:
    """Return lists of neighbours, as many as the root of the vectors: `qa`'s of many passages."""
    faiss = _faiss()
    (size, dimension), count = vectors.shape, int(len(vectors) ** 0.5)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, count,
        faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False,
    )  # fmt: skip
    index.train(vectors[:: max(size // (_TRAINED * count), 1)])
    index.set_direct_map_type(faiss.DirectMap.Array)
    index.add(vectors)
    return index


def graph(vectors: Vectors) -> Any:
    """Return a graph of near vectors (Malkov and Yashunin 2018), made with FAISS's own settings."""
    faiss = _faiss()
    index = faiss.IndexHNSWSQ(
        vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, _LINKS, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors)
    index.add(vectors)
    return index


def _all(index: Any) -> Iterator[tuple[str, Any]]:
    yield "all", None


def _lists_searched(index: Any) -> Iterator[tuple[str, Any]]:
    faiss = _faiss()
    for probed in sorted({min(probed, index.nlist) for probed in PROBED}):
        name = f"{probed} of {index.nlist:,} lists"
        yield name, faiss.SearchParametersIVF(nprobe=probed)


def _candidates(index: Any) -> Iterator[tuple[str, Any]]:
    faiss = _faiss()
    for kept in KEPT:
        yield f"{kept} candidates", faiss.SearchParametersHNSW(efSearch=kept)


KINDS = (
    Kind("flat", flat, _all),
    Kind("IVF, 8 bits", lists, _lists_searched),
    Kind("HNSW, 8 bits", graph, _candidates),
)


def _weight(index: Any, file: Path) -> int:
    """Return how many bytes an index takes on disk."""
    faiss = _faiss()
    faiss.write_index(index, str(file))
    size = file.stat().st_size
    file.unlink()
    return size


def _searched(index: Any, queries: Vectors, parameters: Any) -> tuple[list[float], list[set[int]]]:
    """Return the milliseconds of computing of each query alone, and what it finds."""
    times, found = [], []
    index.search(queries[:1], NEAREST, params=parameters)
    for at in range(len(queries)):
        begun = time.process_time()
        places = index.search(queries[at : at + 1], NEAREST, params=parameters)[1][0]
        times.append(1000 * (time.process_time() - begun))
        found.append(set(places.tolist()))
    return times, found


def _shared(found: Sequence[set[int]], exact: Sequence[set[int]]) -> float:
    """Return how much of the true nearest was found, in percent.

    >>> _shared([{1, 2}, {3, 5}], [{1, 2}, {3, 4}])
    75.0
    """
    shares = [len(one & true) / len(true) for one, true in zip(found, exact, strict=True)]
    return round(100 * sum(shares) / max(len(shares), 1), 2)


def _faiss() -> Any:
    import faiss

    faiss.omp_set_num_threads(1)
    return faiss
