"""Run PDFium in a process of its own, kept for the files to come, and end it where a file harms it.

A parser that a hostile file lets crash, hang or fill the memory costs that file and no more.
What the process answers is left to `qa.formats.pdfium`.
"""

import atexit
import contextlib
import json
import subprocess
import sys
from collections.abc import Generator
from threading import Lock, Timer
from typing import Any

from qa.formats.limits import Watch

_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from qa.formats.pdfium import serve; serve()"
)
_MEMORY = 4 << 30  # bytes of addresses, of which far fewer are memory
_PATIENCE = 10  # times the limit of computing, on a busy machine or one that sets no such limit
_LONGEST_ANSWER = 200_000_000  # bytes, for one page
_DIES_OF = "makes the program that reads PDF fail, or takes it longer than {:g} seconds, the limit"


Answers = Generator[dict[str, Any], None, None]


class _Worker:
    """The process; one file at a time is read in it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def answers(self, content: bytes, watch: Watch) -> Answers:
        """Yield the answer on the file, then that on each page; raise `DocumentError` at its end.

        A caller that closes this before the last answer ends the process.
        """
        with self._lock:
            process = self._started()
            timer = Timer(_PATIENCE * watch.limits.seconds, process.kill)
            timer.start()
            left = 1
            try:
                self._ask(process, content, watch)
                first = self._answer(process, watch)
                pages = first.get("pages", 0)
                left = pages if pages <= watch.limits.pages else 0
                yield first
                while left:
                    answer = self._answer(process, watch)
                    left -= 1
                    yield answer
            finally:
                timer.cancel()
                if left:
                    self.end()

    def end(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _CODE, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def _ask(self, process: "subprocess.Popen[bytes]", content: bytes, watch: Watch) -> None:
        limits = watch.limits
        header = {"size": len(content), "seconds": limits.seconds, "memory": _MEMORY}
        header["pages"] = limits.pages
        with contextlib.suppress(OSError):  # it ended: the answer will be missing
            if process.stdin is not None:
                process.stdin.write(json.dumps(header).encode() + b"\n" + content)
                process.stdin.flush()

    def _answer(self, process: "subprocess.Popen[bytes]", watch: Watch) -> dict[str, Any]:
        line = process.stdout.readline(_LONGEST_ANSWER) if process.stdout is not None else b""
        if not line.endswith(b"\n"):
            reason = _DIES_OF.format(watch.limits.seconds)
            raise watch.refusal(f"{reason}; print it to a new PDF, or split it")
        watch.check()
        found: dict[str, Any] = json.loads(line)
        return found


_worker = _Worker()
atexit.register(_worker.end)


def pdf_answers(content: bytes, watch: Watch) -> Answers:
    """Return what PDFium answers on a file and on each of its pages, as `qa.formats.pdfium` says.

    Close it, or the process waits for ever to be asked on, and no other file can be read.
    """
    watch.check()
    return _worker.answers(content, watch)
