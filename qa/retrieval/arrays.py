"""Keep arrays in one file, and read them from there only where they are looked at.

The file is of the safetensors format. What the arrays mean is left to `qa.retrieval.bm25` and
`qa.retrieval.late_interaction`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"U8": "u1", "U16": "<u2", "U32": "<u4", "I32": "<i4", "I64": "<i8", "F32": "<f4"}


def save_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays of one dimension; raise `OSError` where the disk does not take them."""
    from safetensors.numpy import save

    path.write_bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def load_arrays(path: Path, *names: str) -> tuple[NDArray[Any], ...]:
    """Return arrays that `save_arrays` wrote, mapped into memory, read-only.

    Raise `OSError`, `ValueError` or `KeyError` where the file does not hold them. The header is
    eight bytes of its length, and for each array its type, shape, and place behind the header.
    """
    content = np.asarray(np.memmap(path, np.uint8, "r"))
    head = 8 + int(content[:8].view("<u8")[0])
    told = json.loads(content[8:head].tobytes())
    found = []
    for name in names:
        first, last = told[name]["data_offsets"]
        array = content[head + first : head + last].view(_TYPES[told[name]["dtype"]])
        if [len(array)] != told[name]["shape"]:
            raise ValueError(f"{path.name} is shorter than it should be")
        found.append(array)
    return tuple(found)
