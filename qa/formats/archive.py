"""Open the packed XML of DOCX and XLSX, after making sure that it is safe to unpack."""

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from qa.formats.limits import Watch

_MOST_MEMBERS = 10_000
_STEEPEST = 500  # times smaller than its content, that a member may be packed
_SMALL = 10_000_000  # bytes that may be packed as steeply as they like
_CHUNK = 1 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_DECLARATION = "<!DOCTYPE"  # Office writes none; entities could be declared in it
_DECLARATIONS = tuple(_DECLARATION.encode(name) for name in ("ascii", "utf-16-le", "utf-16-be"))


def open_archive(content: bytes, watch: Watch) -> ZipFile:
    """Return the archive; raise `DocumentError` where it is none, or a trap.

    The sizes that it declares are checked before anything is unpacked. Then every XML member is
    unpacked chunk by chunk, none of it kept: `zipfile` stops at the declared size and compares
    the checksum.
    """
    if content.startswith(_OLE):
        raise watch.refusal(
            "is encrypted, or of an old format under a new name; open it in its program and save "
            "it without a password"
        )
    try:
        archive = ZipFile(BytesIO(content))
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise watch.refusal(f"is damaged ({error}); take it from its source again") from error
    _check_sizes(archive, watch)
    for member in archive.infolist():
        if member.filename.lower().endswith((".xml", ".rels", ".opf")):
            _check_member(archive, member.filename, watch)
    return archive


def _check_sizes(archive: ZipFile, watch: Watch) -> None:
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if len(members) > _MOST_MEMBERS or total > watch.limits.unpacked_bytes:
        raise watch.refusal(
            f"unpacks to {len(members)} parts with {total} bytes, the limit is {_MOST_MEMBERS} "
            f"with {watch.limits.unpacked_bytes}; split it"
        )
    for member in members:
        steepness = member.file_size / max(member.compress_size, 1)
        if member.file_size > _SMALL and steepness > _STEEPEST:
            raise watch.refusal(
                f"holds a part that is packed {steepness:.0f} times smaller, as no document is; "
                "remove it"
            )
        if member.flag_bits & 1:
            raise watch.refusal("is encrypted; save it without a password")


def _check_member(archive: ZipFile, name: str, watch: Watch) -> None:
    last = b""
    with archive.open(name) as member:
        while chunk := member.read(_CHUNK):
            watch.check()
            if any(declaration in last + chunk for declaration in _DECLARATIONS):
                raise watch.refusal("declares XML entities, as no document does; remove it")
            last = chunk[-2 * len(_DECLARATION) :]
