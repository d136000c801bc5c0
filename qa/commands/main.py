"""The command ``qa``: parse the arguments, run what they name, turn errors into exit codes.

What the commands do is left to `qa.commands.ask`, `qa.commands.index` and `qa.commands.ui`. Exit
codes: 0 done, 2 any error, 130 after Ctrl-C.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version

from qa.commands import ask, index
from qa.commands.ask import FAILED
from qa.commands.options import say
from qa.errors import QAError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        parsed = _parser().parse_args(arguments)
        code = int(parsed.run(parsed))
        sys.stdout.flush()
        return code
    except QAError as error:
        say(str(error))
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # who read our output has left; say nothing, also at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # the last resort: an exit code of 1 would mean "no answer"
        say(f"unexpected {type(error).__name__}: {error}; please report it")
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qa", description="Answer questions from your own documents with exact quotes."
    )
    parser.add_argument("--version", action="version", version=f"qa {version('extractive-qa')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    ask.add(commands)
    index.add(commands)
    for entry in sorted(entry_points(group="qa.commands"), key=lambda entry: entry.name):
        entry.load()(commands)
    return parser
