"""Choose the reader of a file by its name, and turn whatever goes wrong into one message.

A new format is a function from bytes to `Extracted`, and a line of this table.
"""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from qa.errors import DocumentError
from qa.formats.docx import read_docx
from qa.formats.html import read_html
from qa.formats.layout import Extracted
from qa.formats.limits import Limits, Watch
from qa.formats.mail import read_eml
from qa.formats.markdown import read_markdown
from qa.formats.pdf import read_pdf
from qa.formats.plain import read_plain
from qa.formats.sheets import read_csv
from qa.formats.workbooks import read_xlsx

Reader = Callable[[bytes, Watch], Extracted]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": read_plain,
        ".md": read_markdown,
        ".markdown": read_markdown,
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
    }
)
_REMEDIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "open it in its program and save it as DOCX or PDF": (
            ".doc", ".dot", ".rtf", ".odt", ".wpd", ".wps", ".pages", ".hwp",
        ),
        "open it in its program and save it as PDF": (
            ".ppt", ".pptx", ".pps", ".ppsx", ".odp", ".key", ".xps", ".djvu", ".ps", ".epub",
            ".mobi",
        ),
        "open it in its program and save it as XLSX or CSV": (
            ".xls", ".xlsb", ".xlt", ".ods", ".numbers",
        ),
        "open it in its program and save it as EML": (".msg", ".mbox", ".pst"),
        "open it in a browser and save it as HTML or PDF": (".mht", ".mhtml", ".webarchive"),
        "save it as plain text (.txt), or convert it to HTML": (
            ".rst", ".adoc", ".org", ".tex", ".text",
        ),
    }
)  # fmt: skip
REMEDIES: Mapping[str, str] = MappingProxyType(
    {suffix: remedy for remedy, suffixes in _REMEDIES.items() for suffix in suffixes}
)

# Pictures may be scanned pages, archives hold documents: who has them should know of it.
UNREAD = frozenset(
    ".png .jpg .jpeg .tif .tiff .gif .bmp .webp .heic .zip .7z .rar .tar .gz .tgz".split()
)


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
