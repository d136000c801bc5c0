"""Feed the readers of files what a coverage-guided fuzzer makes up: ``pip install atheris`` first.

    python .github/fuzz.py pdf CORPUS -max_total_time=600 -timeout=30

The corpus is a folder that grows from run to run. What follows it are options of libFuzzer. A
finding is any exception but `DocumentError`, a broken promise of places or passages, or a file
that takes longer than its limit; its bytes are kept as ``finding-*`` here. Keep each as a case of
``tests/test_qa_hostile.py``.
"""

import hashlib
import io
import sys
import time
import zipfile
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import atheris
import openpyxl

# The parser that a target leans on is watched as closely as our own code.
PARSERS = {"html": "html", "eml": "email"}
TARGET = sys.argv.pop(1) if len(sys.argv) > 2 else ""

with atheris.instrument_imports(include=["qa", *filter(None, [PARSERS.get(TARGET)])]):
    if TARGET in PARSERS:
        import_module(PARSERS[TARGET])
    from qa.documents.loading import make_document
    from qa.errors import DocumentError
    from qa.formats.limits import Limits
    from qa.formats.readers import READERS, extract
    from qa.text.passages import split_passages

LIMITS = Limits(characters=200_000, unpacked_bytes=5_000_000, pages=50, seconds=5.0)
SLACK = 5.0  # seconds that one page, row or element may take beyond the limit
# Packed files are made around the bytes: a fuzzer that changes them packed would change little.
PACKED = {"docx": "word/document.xml", "xlsx": "xl/worksheets/sheet1.xml"}


@lru_cache(maxsize=1)
def frame() -> dict[str, bytes]:
    """Return the parts of a packed file besides its main part."""
    if TARGET == "docx":
        return {}
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["words", 1, 0.5])
    book.save(file)
    with zipfile.ZipFile(file) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def pack(content: bytes) -> bytes:
    """Return a file that holds ``content`` as its main part."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in {**frame(), PACKED[TARGET]: content}.items():
            archive.writestr(name, part)
    return packed.getvalue()


def try_file(content: bytes, name: str) -> None:
    """Read a file and hold what comes out against its promises."""
    begun = time.process_time()
    try:
        found = extract(content, name, LIMITS)
    except DocumentError as error:
        if not str(error).startswith(f"{name}: "):
            raise ValueError(f"the file is not named: {error}") from error
        return
    finally:
        if time.process_time() - begun > LIMITS.seconds + SLACK:
            raise TimeoutError(f"{name} took {time.process_time() - begun:.1f} s")
    starts = [place.start for place in found.places]
    if starts != sorted(starts) or any(start > len(found.text) for start in starts):
        raise ValueError(f"places out of order: {found.places}")
    found.text.encode("utf-8")
    document = make_document(found.text, name, places=found.places, blocks=found.blocks or ())
    for passage in split_passages(document):
        if passage.span.of(document.text) != passage.text:
            raise ValueError(f"no slice: {passage}")
    if time.process_time() - begun > LIMITS.seconds + SLACK:
        raise TimeoutError(f"{name} took {time.process_time() - begun:.1f} s with its passages")


def main() -> None:
    """Fuzz the target that the first argument names."""
    if f".{TARGET}" not in READERS:
        raise SystemExit(f"a target is one of {', '.join(sorted(READERS))}, without the dot")
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)

    def once(content: bytes) -> None:
        try:
            if TARGET in PACKED:
                try_file(pack(content), f"a.{TARGET}")
            try_file(content, f"a.{TARGET}")
        except Exception:
            name = f"finding-{hashlib.sha256(content).hexdigest()[:12]}.{TARGET}"
            Path(name).write_bytes(content)
            raise

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
