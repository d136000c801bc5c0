"""Read a saved message (EML): who wrote it when and about what, and what it says.

Attachments are named, not read.
"""

import re
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import parseaddr
from itertools import pairwise

from qa.formats.encodings import decode
from qa.formats.flow import Flow
from qa.formats.html import add_html
from qa.formats.layout import Extracted
from qa.formats.limits import Watch

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_LONGEST_HEADER = 10_000  # characters; a longer one is cut, or it could take hours to parse


_FROM = re.compile(rb"^From \S.*\d{4}\s*$", re.MULTILINE)  # opens a message in a mailbox


class _Policy(EmailPolicy):
    """Parse headers as the standard library does, of a length that people write."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value of a header from its lines."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


def read_eml(content: bytes, watch: Watch) -> Extracted:
    """Return the headers that a reader sees, the message, and the names of what is attached."""
    message = message_from_bytes(content, policy=_Policy())
    known = any(name in message for name in _HEADERS)
    if not known or not isinstance(message, EmailMessage):
        raise watch.refusal("is no saved message; save it as EML from your mail program")
    writer = Flow(watch)
    _write(message, writer, watch)
    return writer.extracted(str(message["Subject"] or ""), _metadata(message))


def _write(message: EmailMessage, writer: Flow, watch: Watch) -> None:
    for name in _HEADERS:
        if message[name]:
            writer.paragraph(f"{name}: {message[name]}")
    for preferred in (("plain",), ("html",)):
        body = message.get_body(preferred)
        if body is not None and _write_body(body, writer, watch):
            break
    for part in message.iter_attachments():
        watch.check()
        writer.paragraph(f"Attachment: {part.get_filename() or part.get_content_type()}")


def read_mbox(content: bytes, watch: Watch) -> Extracted:
    """Return the messages of a mailbox, each under its subject as a heading."""
    starts = [match.start() for match in _FROM.finditer(content)]
    if not starts:
        raise watch.refusal("is no mailbox; save it as MBOX from your mail program")
    writer = Flow(watch)
    for number, (start, end) in enumerate(pairwise([*starts, len(content)]), 1):
        watch.check()
        message = message_from_bytes(content[start:end].partition(b"\n")[2], policy=_Policy())
        if isinstance(message, EmailMessage):
            subject = str(message["Subject"] or "")
            writer.heading(f"Message {number}: {subject}" if subject else f"Message {number}", 1)
            _write(message, writer, watch)
    return writer.extracted()


def _write_body(body: MIMEPart, writer: Flow, watch: Watch) -> bool:
    """Write what a part says; tell whether it says anything."""
    content = body.get_payload(decode=True)
    if not isinstance(content, bytes):
        return False
    text = decode(content, watch, body.get_content_charset(""), lenient=True).text
    before = writer.length
    if body.get_content_subtype() == "html":
        add_html(text, writer, watch)
    else:
        writer.plain(text)
    return writer.length > before


def _metadata(message: EmailMessage) -> list[tuple[str, str]]:
    """Return the sender as the publisher, and the day."""
    found: list[tuple[str, str]] = []
    moment = getattr(message["Date"], "datetime", None)
    if moment is not None:
        found.append(("date", moment.date().isoformat()))
    name, address = parseaddr(str(message["From"] or ""))
    if name or address:
        found.append(("publisher", name or address))
    return found
