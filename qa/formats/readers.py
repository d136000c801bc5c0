"""Choose the reader of a file by its name, and turn whatever goes wrong into one message.

A new format is a function from bytes to `Extracted`, and a line of this table.
"""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from qa.errors import DocumentError
from qa.formats.dialects import read_asciidoc, read_org, read_rst, read_tex
from qa.formats.docx import read_docx
from qa.formats.epub import read_epub
from qa.formats.html import read_html
from qa.formats.layout import Extracted
from qa.formats.limits import Limits, Watch
from qa.formats.mail import read_eml, read_mbox
from qa.formats.markdown import read_markdown
from qa.formats.opendocument import read_opendocument
from qa.formats.pdf import read_pdf
from qa.formats.plain import read_plain
from qa.formats.records import read_json, read_notebook
from qa.formats.rtf import read_rtf
from qa.formats.sheets import read_csv
from qa.formats.slides import read_pptx
from qa.formats.workbooks import read_xlsx

Reader = Callable[[bytes, Watch], Extracted]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": read_plain,
        ".md": read_markdown,
        ".markdown": read_markdown,
        ".text": read_plain,
        ".log": read_plain,
        ".rst": read_rst,
        ".adoc": read_asciidoc,
        ".asciidoc": read_asciidoc,
        ".org": read_org,
        ".tex": read_tex,
        ".pdf": read_pdf,
        ".docx": read_docx,
        ".docm": read_docx,
        ".html": read_html,
        ".htm": read_html,
        ".xhtml": read_html,
        ".xlsx": read_xlsx,
        ".xlsm": read_xlsx,
        ".csv": read_csv,
        ".tsv": read_csv,
        ".eml": read_eml,
        ".mbox": read_mbox,
        ".json": read_json,
        ".jsonl": read_json,
        ".ndjson": read_json,
        ".ipynb": read_notebook,
        ".pptx": read_pptx,
        ".ppsx": read_pptx,
        ".odt": read_opendocument,
        ".ott": read_opendocument,
        ".ods": read_opendocument,
        ".odp": read_opendocument,
        ".epub": read_epub,
        ".rtf": read_rtf,
    }
)
_REMEDIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "open it in its program and save it as DOCX or PDF": (
            ".doc", ".dot", ".wpd", ".wps", ".pages", ".hwp",
        ),
        "open it in its program and save it as PDF": (
            ".ppt", ".pps", ".key", ".xps", ".djvu", ".ps", ".mobi",
        ),
        "open it in its program and save it as XLSX or CSV": (
            ".xls", ".xlsb", ".xlt", ".numbers",
        ),
        "open it in its program and save it as EML": (".msg", ".pst"),
        "open it in a browser and save it as HTML or PDF": (".mht", ".mhtml", ".webarchive"),
    }
)  # fmt: skip
REMEDIES: Mapping[str, str] = MappingProxyType(
    {suffix: remedy for remedy, suffixes in _REMEDIES.items() for suffix in suffixes}
)

# Pictures may be scanned pages, archives hold documents: who has them should know of it.
UNREAD = frozenset(
    ".png .jpg .jpeg .tif .tiff .gif .bmp .webp .heic .zip .7z .rar .tar .gz .tgz".split()
)


# Text that goes without an extension.
NAMED = frozenset(
    "authors changelog changes contributing copying copyright credits faq history install license "
    "licence maintainers news readme thanks todo".split()
)


def is_read(source: str) -> bool:
    """Tell whether a file's name is that of a format that is read, or of a text without one.

    >>> is_read("a/README"), is_read("a/Makefile"), is_read("b.PDF")
    (True, False, True)
    """
    return suffix_of(source) in READERS or PurePosixPath(source).name.lower() in NAMED


def suffix_of(source: str) -> str:
    """Return what a file's name ends with, in small letters.

    >>> suffix_of("a.b/Report.PDF"), suffix_of("NOTICE")
    ('.pdf', '')
    """
    return PurePosixPath(source).suffix.lower()


def extract(content: bytes, source: str, limits: Limits) -> Extracted:
    """Return the text of a file; raise `DocumentError`, and nothing else, where that fails.

    A file of no known format is taken for plain text.
    """
    watch = Watch(source, limits)
    suffix = suffix_of(source)
    if suffix in REMEDIES:
        raise watch.refusal(f"is of a format that is not read; {REMEDIES[suffix]}")
    check_size(len(content), source, limits)
    try:
        found = READERS.get(suffix, read_plain)(content, watch)
    except DocumentError:
        raise
    except ImportError as error:
        raise watch.refusal(
            f"needs a library that is not installed ({error.name}): "
            'pip install "extractive-qa[formats]"'
        ) from error
    except Exception as error:  # a parser that fails on a broken file may raise anything
        raise watch.refusal(
            f"is damaged ({type(error).__name__}: {error}); open it in its program and save it anew"
        ) from error
    if not found.text.strip():
        raise watch.refusal("is empty; fill it or remove it")
    return found


def check_size(size: int, source: str, limits: Limits) -> None:
    """Raise `DocumentError` for a file that is too large to be read; ``size`` is in bytes."""
    if size > limits.file_bytes:
        raise DocumentError(
            f"{source}: has {size} bytes, the limit for a file is {limits.file_bytes}; split it"
        )
