"""What runs speaks with nobody and writes only its cache: watched below Python, call by call.

The suite's block of sockets sees what Python opens; native libraries go past it. So these tests
watch the system calls of whole commands with strace. QA_OFFLINE_SECONDS sets how long one asks.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

import qa

SECONDS = os.environ.get("QA_OFFLINE_SECONDS", "3")
CALLS = "connect,sendto,sendmsg,sendmmsg,open,openat,openat2,creat,mkdir,mkdirat"
TRACE = ["strace", "-f", "-ff", "-qq", "-y", "--seccomp-bpf", "-e", f"trace={CALLS}", "-s", "300"]
QUESTION = "what trade target was set for 2030?"
ADDRESS = re.compile(r"htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )\"([^\"]+)\"")
WRITTEN = re.compile(
    r"^(?:open|openat|openat2|creat)\(.*(?:O_WRONLY|O_RDWR|O_CREAT).*= \d+<([^>]+)>"
    r"|^mkdir(?:at)?\((?:AT_FDCWD<[^>]*>, )?\"([^\"]+)\".*= 0$"
)
COMMAND = "import sys; from qa.commands.main import main; sys.exit(main())"
ASKING = """
import sys, time
from qa import ask
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    assert ask(sys.argv[2]).text
"""
LOCAL = """
from embeddings.sentence_transformer import SentenceTransformerEncoder
try:
    SentenceTransformerEncoder.load("no-such-org/no-such-model", local=True)
except OSError:
    print("not on this machine")
"""
VISIT = """
import json, os, signal, sys, threading, time, urllib.request
from qa.commands.main import main

def visit(port, question):
    url = f"http://127.0.0.1:{port}/gradio_api/run/ask"
    body = json.dumps({"data": [question]}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    for attempt in range(600):
        try:
            print(urllib.request.urlopen(request).read().decode())
            break
        except OSError:
            time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=visit, args=sys.argv[1:]).start()
main(["ui", "--no-browser", "--port", sys.argv[1]])
"""


def probe() -> str:
    """Return why nothing can be watched here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is missing: apt-get install strace"
    tried = subprocess.run(
        ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect", "-o", os.devnull, "true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if tried.returncode == 0 else f"strace may not watch here: {tried.stderr.strip()}"


@pytest.fixture(scope="module", autouse=True)
def _watchable() -> None:
    reason = probe()
    if reason:
        pytest.skip(reason)


def calls(folder: Path, code: str, *arguments: str) -> tuple[str, list[str]]:
    """Run Python code with a home and a working folder of its own; return output and calls."""
    for name in ("home", "cache", "temp", "work", "calls"):
        (folder / name).mkdir()
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(qa.__file__).parent.parent)}
    places = {"HOME": "home", "QA_CACHE_DIR": "cache", "TMPDIR": "temp"}
    ran = subprocess.run(
        [*TRACE, "-o", str(folder / "calls" / "of"), sys.executable, "-B", "-c", code, *arguments],
        env=kept | {name: str(folder / place) for name, place in places.items()},
        cwd=folder / "work", capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    files = sorted((folder / "calls").iterdir())
    return ran.stdout, [line for file in files for line in file.read_text("utf-8").splitlines()]


def foreign(lines: list[str]) -> list[str]:
    """Return the calls that leave this machine; a look-up does, wherever its resolver listens."""
    found = []
    for line in lines:
        address = ADDRESS.search(line)
        if address and (
            address[1] == "53" or not (address[2].startswith("127.") or address[2] == "::1")
        ):
            found.append(line)
    return found


def written(lines: list[str], folder: Path) -> list[str]:
    """Return what was opened for writing, or made, outside a folder; devices aside.

    So is what gradio writes into its own package when it is first imported.
    """
    matches = filter(None, map(WRITTEN.match, lines))
    paths = (Path(folder / "work" / (match[1] or match[2])) for match in matches)
    allowed = (folder, Path("/dev"), Path(sysconfig.get_path("purelib")) / "gradio")
    return [str(path) for path in paths if not any(map(path.is_relative_to, allowed))]


def check(lines: list[str], folder: Path) -> None:
    assert any("openat" in line for line in lines), "nothing was watched"
    assert foreign(lines) == []
    assert written(lines, folder) == []
    assert list((folder / "home").iterdir()) == []


def test_asking_again_and_again(tmp_path: Path) -> None:
    check(calls(tmp_path, ASKING, SECONDS, QUESTION)[1], tmp_path)


def test_a_file_of_questions(tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text(f"{QUESTION}\n" * 20, "utf-8")
    out, lines = calls(tmp_path, COMMAND, "ask", "--json", "--questions", str(file))
    assert len(out.splitlines()) == 20
    check(lines, tmp_path)


def test_an_index(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plan.md").write_text("The trade target is $70 billion.\n", "utf-8")
    _, lines = calls(tmp_path, COMMAND, "index", str(tmp_path / "docs"), "--out", "plan.index")
    assert (tmp_path / "work" / "plan.index").is_dir()
    check(lines, tmp_path)


@pytest.mark.skipif(find_spec("sentence_transformers") is None, reason="needs the extra `models`")
def test_a_named_model_is_looked_for_on_this_machine_first(tmp_path: Path) -> None:
    """With its telemetry on, huggingface_hub 2.4 asks the hub who may be calling even then."""
    out, lines = calls(tmp_path, LOCAL)
    assert out == "not on this machine\n"
    check(lines, tmp_path)


@pytest.mark.skipif(find_spec("gradio") is None, reason="the page needs the extra `ui`")
def test_the_page(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    out, lines = calls(tmp_path, VISIT, str(port), QUESTION)
    assert json.loads(out)["data"][0]["answer"] == "$70 billion"
    check(lines, tmp_path)


def connecting(family: str, port: int, address: str) -> str:
    """Return a call as strace writes it."""
    return f"connect(9<UDP:[1]>, {{sa_family={family}, sin_port=htons({port}), {address}}}, 16) = 0"


def test_what_leaves_is_seen() -> None:
    """Also a look-up by a resolver on this machine."""
    gone = [
        connecting("AF_INET", 53, 'sin_addr=inet_addr("10.2.5.3")'),
        connecting("AF_INET", 53, 'sin_addr=inet_addr("127.0.0.53")'),
        connecting("AF_INET6", 443, 'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr)'),
    ]
    stays = connecting("AF_INET", 7860, 'sin_addr=inet_addr("127.0.0.1")')
    assert foreign([*gone, stays, 'connect(9, {sa_family=AF_UNIX, sun_path="/s"}, 9) = 0']) == gone


def test_what_is_written_elsewhere_is_seen() -> None:
    made = [
        'openat(9</h>, "device", O_WRONLY|O_CREAT|O_EXCL, 0600) = 11</h/device>',
        'mkdir("/h/.cache", 0777) = 0',
        'mkdir("/h/.cache", 0777) = -1 EEXIST (File exists)',
        'openat(AT_FDCWD</w>, "/h/x", O_RDONLY) = 3</h/x>',
        'openat(AT_FDCWD</t>, "x", O_RDWR) = 3</t/x>',
    ]
    assert written(made, Path("/t")) == ["/h/device", "/h/.cache"]
