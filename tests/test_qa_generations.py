"""Test that no kill, no damage and no other writer leaves an index that answers wrongly."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa import Assistant, LivingIndex, StoreError
from qa.commands.main import main
from qa.index.generations import MANIFEST, current, writing

KILLS = int(os.environ.get("QA_KILLS", "8"))
LOAD_SECONDS = float(os.environ.get("QA_LOAD_SECONDS", "2"))
QUESTION = "What is the trade target for 2030?"
PLAN = "The trade target for 2030 is $70 billion."
BEFORE, AFTER = "The port handled 12 ships.", "The port handled 13 ships in 2022."
EXTRA = "The bank lent $5 million to the railway in 2019."
# The states that the worker below goes through, again and again: its files' texts by name.
STATES = [
    {"a.txt": PLAN, "b.txt": BEFORE},
    {"a.txt": PLAN, "b.txt": BEFORE, "c.txt": EXTRA},
    {"a.txt": PLAN, "b.txt": AFTER, "c.txt": EXTRA},
    {"a.txt": PLAN, "b.txt": AFTER},
]
WORKER = """
import sys
from pathlib import Path
from qa import LivingIndex

root, encoder, before, after = Path(sys.argv[1]), *sys.argv[2:]
index = LivingIndex(root / "index", encoder=encoder)

def write(text):
    (root / ".b").write_text(text, "utf-8")
    (root / ".b").replace(root / "docs" / "b.txt")
    return index.update(root / "docs")

write(before)
if len(index.documents) == 3:
    index.remove("c.txt")
print("ready", len(list(root.glob("index/generation-*"))), flush=True)
while True:
    for step in (lambda: index.add(root / "c.txt"), lambda: write(after),
                 lambda: index.remove("c.txt"), lambda: write(before)):
        step()
        print("done", flush=True)
"""


@pytest.fixture
def root(tmp_path: Path, tiny: str) -> Path:
    (tmp_path / "docs").mkdir()
    for name, text in STATES[0].items():
        (tmp_path / "docs" / name).write_text(text, "utf-8")
    (tmp_path / "c.txt").write_text(EXTRA, "utf-8")
    docs = tmp_path / "docs"
    Assistant.from_folder(docs, encoder=tiny, cache=False).save(tmp_path / "index")
    return tmp_path


def started(root: Path, tiny: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-c", WORKER, str(root), tiny, BEFORE, AFTER]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def texts(folder: Path, tiny: str) -> dict[str, str]:
    """Return what an index holds, after it was verified and asked."""
    assistant = Assistant.open(folder, encoder=tiny)
    answer = assistant.ask(QUESTION)
    for citation in (*answer.citations, *answer.nearest):
        (document,) = [one for one in assistant.documents if one.source == citation.document]
        assert citation.span.of(document.text) == citation.quote
    return {document.source: document.text for document in assistant.documents}


def homes(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.name.startswith("generation-")]


@pytest.mark.skipif(os.name == "nt", reason="signals differ on Windows")
def test_a_kill_at_any_moment_leaves_the_old_index_or_the_new_one(root: Path, tiny: str) -> None:
    """QA_KILLS sets how many; with pytest -s, what each kill met is printed."""
    seen = []
    for seed in range(KILLS):
        with started(root, tiny) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready 1\n", "what a killed writer left is gone"
            begun = time.monotonic()
            done = seed % 4 + 1  # the next change is an update, a removal, an update, an addition
            for _ in range(done):
                assert worker.stdout.readline() == "done\n"
            usual = (time.monotonic() - begun) / done
            time.sleep(random.Random(seed).uniform(0, 1.2 * usual))
            worker.kill()
            done += worker.stdout.read().count("done")
        held = texts(root / "index", tiny)
        assert held in (STATES[done % 4], STATES[(done + 1) % 4])
        LivingIndex(root / "index", encoder=tiny).verify()
        seen.append((done, STATES.index(held), len(homes(root / "index"))))
    sys.stdout.write(f"{KILLS} kills; changes done, state, generations left: {seen}\n")


class Crash(BaseException):
    """Stand for a kill: nothing catches it, and what cleans up is switched off."""


def crashing(number: int, patch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Crash at the ``number``-th step that touches the disk; return what counts the steps."""
    steps = 0

    def stepped(function: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **options: object) -> object:
            nonlocal steps
            steps += 1
            if steps == number:
                raise Crash
            return function(*arguments, **options)

        return step

    for name in ("mkdir", "write_bytes", "replace"):
        patch.setattr(Path, name, stepped(getattr(Path, name)))
    patch.setattr(os, "fsync", stepped(os.fsync))
    patch.setattr(
        "qa.index.store.write_corpus", stepped(sys.modules["qa.index.store"].write_corpus)
    )
    patch.setattr("qa.index.generations._clean", lambda *_: None)
    return lambda: steps


def test_a_crash_at_every_step_leaves_the_old_index_or_the_new_one(root: Path, tiny: str) -> None:
    index, found = LivingIndex(root / "index", encoder=tiny), set()
    for number in range(1, 99):
        with pytest.MonkeyPatch.context() as patch:
            counted = crashing(number, patch)
            with contextlib.suppress(Crash):
                index.add(root / "c.txt")
            if counted() < number:
                break
        held = texts(root / "index", tiny)
        assert held in STATES[:2]
        found.add(len(held))
        if "c.txt" in held:
            index.remove("c.txt")
        with writing(root / "index"):
            assert len(homes(root / "index")) == 1
    assert 15 < number < 98
    assert found == {2, 3}


@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_leaves_what_was_there(
    root: Path, tiny: str, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    if first:
        shutil.rmtree(root / "index")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    assistant = Assistant.from_folder(root / "docs", encoder=tiny, cache=False)
    with monkeypatch.context() as patch:
        patch.setattr("qa.index.generations._flush", full)
        with pytest.raises(StoreError, match=r"cannot be written \(No space left on device\)"):
            assistant.save(root / "index")
    assert len(homes(root / "index")) == (0 if first else 1)
    assistant.save(root / "index")
    assert texts(root / "index", tiny) == STATES[0]


def damage(file: Path, how: str) -> None:
    content = file.read_bytes()
    if how == "deleted":
        file.unlink()
    elif how == "truncated":
        file.write_bytes(content[:-1])
    else:
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


@pytest.mark.parametrize("how", ["truncated", "edited", "deleted"])
def test_every_damaged_file_is_refused_and_mended(
    root: Path, tiny: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = root / "index"
    ask = ["ask", QUESTION, "--index", str(folder), "--encoder", tiny, "--json"]
    options = ["--index", str(folder), "--encoder", tiny]
    main(ask)
    expected = capsys.readouterr().out
    count = len([file for file in folder.rglob("*") if file.is_file()])
    assert count > 5
    for number in range(count):
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        file = next(one for one in files[number:] if one.name != ".lock")
        damage(file, how)
        assert main(ask) == 2, file
        mends = "qa index FOLDER --out" if file.name == "corpus.sqlite" else "qa repair --index"
        assert f"{mends} {folder}" in capsys.readouterr().err
        assert main(["verify", *options]) == 2
        if file.name == "corpus.sqlite":
            assert main(["repair", *options]) == 2
            assert f"qa index FOLDER --out {folder}" in capsys.readouterr().err
            docs = str(root / "docs")
            assert main(["index", docs, "--out", str(folder), "--encoder", tiny]) == 0
        else:
            assert main(["repair", *options]) == 0
        assert main(["verify", *options]) == 0
        capsys.readouterr()
        main(ask)
        assert capsys.readouterr().out == expected


@pytest.mark.parametrize("how", ["truncated", "deleted"])
def test_of_a_large_index_opening_checks_the_sizes(
    root: Path, tiny: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.index.generations.CHECKED", 0)
    home = current(root / "index").home
    for file in sorted(file for file in home.rglob("*") if file.is_file()):
        content = file.read_bytes()
        damage(file, how)
        with pytest.raises(StoreError, match=r"damaged.*(qa repair|qa index)"):
            Assistant.open(root / "index", encoder=tiny)
        file.write_bytes(content)
    assert texts(root / "index", tiny) == STATES[0]


def test_of_a_large_index_verify_checks_every_byte(
    root: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One changed letter of a document is found; until then, what is cited is what is stored."""
    monkeypatch.setattr("qa.index.generations.CHECKED", 0)
    file = current(root / "index").home / "corpus.sqlite"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"$70 billion", b"$90 billion"))
    with pytest.raises(StoreError, match="does not match its checksum"):
        LivingIndex(root / "index", encoder=tiny).verify()


def test_damage_that_is_met_while_asking_is_said(
    root: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.index.generations.CHECKED", 0)
    file = current(root / "index").home / "corpus.sqlite"
    file.write_bytes(file.read_bytes().replace(PLAN.encode(), b"\xff" * len(PLAN)))
    with pytest.raises(StoreError, match=r"corpus\.sqlite: is damaged .* qa index FOLDER --out"):
        Assistant.open(root / "index", encoder=tiny).ask(QUESTION)


@pytest.mark.parametrize("part", ["vectors", "words", "bm25"])
def test_parts_of_other_documents_are_found_out(root: Path, tiny: str, part: str) -> None:
    """Their checksums are right and their sizes fit; only what they hold is not of these."""
    (root / "docs" / "a.txt").write_text("Nobody knows the mayor of Lyon by name.", "utf-8")
    other = Assistant.from_folder(root / "docs", encoder=tiny, cache=False)
    other.save(root / "other")
    home, wrong = current(root / "index").home, current(root / "other").home
    for file in wrong.glob(f"{part}.*"):
        shutil.copy(file, home / file.name)
    manifest = json.loads((root / "index" / MANIFEST).read_bytes())
    listed = json.loads((root / "other" / MANIFEST).read_bytes())
    for facts in ("sizes", "checksums"):
        manifest[facts] |= {
            name: listed[facts][name] for name in listed[facts] if name.startswith(part)
        }
    for place in (root / "index", home):
        (place / MANIFEST).write_text(json.dumps(manifest))
    assert texts(root / "index", tiny) == STATES[0]
    index = LivingIndex(root / "index", encoder=tiny)
    with pytest.raises(StoreError, match=r"is not what its documents say.* qa repair --index"):
        index.verify()
    index.repair()
    index.verify()


def test_a_repair_takes_the_generation_that_counts(root: Path, tiny: str) -> None:
    """A newer one may lie beside it, of a writer that was killed before it was named."""
    counts = current(root / "index").home
    index = LivingIndex(root / "index", encoder=tiny)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qa.index.generations._clean", lambda *_: None)
        patch.setattr(Path, "replace", lambda *_: None)
        index.add(root / "c.txt")
    assert len(homes(root / "index")) == 2
    damage(counts / "vectors.faiss", "edited")
    index.repair()
    assert texts(root / "index", tiny) == STATES[0]
    damage(root / "index" / MANIFEST, "deleted")
    index.repair()
    assert texts(root / "index", tiny) == STATES[0]


def memory() -> float:
    """Return the resident memory of this process in MB, 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_readers_are_right_while_a_writer_works(root: Path, tiny: str) -> None:
    """Eight ask again and again, until a change is done; QA_LOAD_SECONDS sets how long at least."""
    held: list[float] = []
    changed = threading.Event()

    def read(end: float) -> int:
        asked = 0
        while time.monotonic() < end or not changed.is_set():
            assert texts(root / "index", tiny) in STATES
            asked += 1
            held.append(memory())
        return asked

    with started(root, tiny) as worker, ThreadPoolExecutor(8) as pool:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready 1\n"
        end = time.monotonic() + LOAD_SECONDS
        asking = pool.map(read, [end] * 8)
        done = worker.stdout.readline()  # empty where the worker has died
        changed.set()
        asked = sum(asking)
        worker.kill()
        changes = (done + worker.stdout.read()).count("done")
    assert asked >= 8
    assert changes >= 1
    shown = [f"{held[len(held) * part // 8]:.0f}" for part in range(8)]
    sys.stdout.write(f"{asked} questions, {changes} changes, MB over time: {' '.join(shown)}\n")
