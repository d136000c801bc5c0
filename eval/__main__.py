"""Run ``python -m eval``: our gold questions (the dev split by default) and the benchmarks.

The commands themselves are left to `eval.command`.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from eval.command import add_own
from eval.console import BROKEN
from qa import QAError

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; without a command, the dev split."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help")):
        given.insert(0, "dev")
    parser = argparse.ArgumentParser(prog="python -m eval", description="Measure the assistant.")
    add_own(parser.add_subparsers(required=True, metavar="COMMAND"))
    parsed = parser.parse_args(given)
    try:
        return int(parsed.run(parsed))
    except QAError as error:
        print(f"eval: {error}", file=sys.stderr)
    except BrokenPipeError:  # nobody reads on; what was asked for is written already
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("eval: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except Exception as error:  # an exit code of 1 would mean a loss
        message = f"unexpected {type(error).__name__}: {error}; please report it"
        print(f"eval: {message}", file=sys.stderr)
    return BROKEN


if __name__ == "__main__":
    sys.exit(main())
