"""Test the commands as a whole: exit codes, wrong use, what is replaced, Ctrl-C and pipes."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qa.commands.main import main

ASKED = "What is the trade target for 2030?"
TEXT = "# The plan\n\nThe trade target for 2030 is $70 billion.\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "plan.md").write_text(TEXT)
    return folder


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where there is nothing but the empty folder ``empty``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", "--docs", "missing", "Who?"], "missing: there is no such folder"),
        (["ask", "--docs", "empty", "Who?"], "holds no documents"),
        (["ask", "--index", "empty", "Who?"], "qa index FOLDER --out empty"),
        (["ask", "--index", "", "Who?"], "is no index"),
        (["index", "empty", "--out", "x"], "holds no documents"),
        (["ask", "--encoder", "./nothing", "Who?"], "not a folder"),
    ],
)
@pytest.mark.usefixtures("empty")
def test_errors_give_2_and_say_what_to_do(
    arguments: list[str], message: str, tiny: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--encoder" not in arguments:
        arguments = [arguments[0], "--encoder", tiny, *arguments[1:]]
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("qa: ")
    assert message in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["ask"], ["ask", "Who?", "--top-k", "0"], ["ask", "Who?", "--top-k", "x"],
        ["ask", "Who?", "--docs", "a", "--index", "b"], ["ask", "Who?", "--questions", "a"],
        ["index", "a"], ["cache", "burn"], ["no"],
    ],
)  # fmt: skip
def test_wrong_use_gives_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: qa" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert re.fullmatch(r"qa \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_every_option_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["ask", "--help"])
    text = capsys.readouterr().out
    for option in ("--docs", "--index", "--top-k", "--encoder", "--json", "--explain", "--quiet"):
        assert option in text
    assert "0 answered, 1 no answer in the documents, 2 error" in " ".join(text.split())


def test_the_folder_of_documents_is_not_replaced_by_its_index(
    tiny: str, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (docs / "manifest.json").write_text('{"documents": []}')
    assert main(["index", str(docs), "--out", str(docs), "--encoder", tiny]) == 2
    assert (docs / "plan.md").read_text() == TEXT


def test_the_cache_is_shown_and_cleared(
    tiny: str,
    docs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("QA_CACHE_DIR", str(tmp_path / "cache"))
    main(["ask", "--encoder", tiny, "--docs", str(docs), ASKED])
    capsys.readouterr()
    assert main(["cache", "path"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'cache' / 'indexes'}\n"
    for count in ("1 cached index", "0 cached indexes"):
        assert main(["cache", "clear"]) == 0
        assert capsys.readouterr().out == f"removed {count}\n"


def start(tiny: str, docs: Path, *arguments: str) -> subprocess.Popen[str]:
    code = "import sys; from qa.commands.main import main; sys.exit(main())"
    options = ["ask", "--encoder", tiny, "--docs", str(docs), *arguments]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_ctrl_c_ends_cleanly(tiny: str, docs: Path) -> None:
    with start(tiny, docs, "--json", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{ASKED}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["answer"] == "$70 billion"
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)  # before its standard input is closed: that would end it as well
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "qa: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="pipes differ on Windows")
def test_a_reader_that_leaves_is_no_error_to_shout_about(tiny: str, docs: Path) -> None:
    with start(tiny, docs, ASKED) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait(timeout=30) == 2
