"""Hold the house together: who imports whom, what is public, how long a file may be."""

import ast
import doctest
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import qa

ROOT = Path(__file__).parent.parent
PACKAGES = ("embeddings", "qa", "eval")
# A room imports only from the rungs below its own. A module at the top of ``qa`` is a room.
LADDER = (
    "errors", "blocks", "schema", "text", "formats", "documents", "retrieval", "reading", "index",
    "answering", "assistant", "shipped", "page", "commands",
)  # fmt: skip
RUNG = {name: number for number, name in enumerate(LADDER)}
PUBLIC = [
    "Alternative", "Answer", "Assistant", "Candidate", "Citation", "Document", "DocumentError",
    "Filter", "Hit", "HybridRetriever", "InputError", "Limits", "LivingDatabase", "LivingIndex",
    "ModelError", "Passage", "PassageKind", "Place", "QAError", "Reading", "Span", "SpanError",
    "StoreError", "Weights", "aask", "ask", "load_folder", "make_document", "sentences",
    "split_passages",
]  # fmt: skip


def sources(package: str, *, training: bool = False) -> list[Path]:
    """Return the files of a package; those that train models are no part of the wheel."""
    return [
        file
        for file in sorted((ROOT / package).rglob("*.py"))
        if training or not {"training", "pretraining"} & set(file.parts)
    ]


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> Iterator[tuple[str, str]]:
    """Yield module and name of every import, also of those inside functions."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            yield from ((str(node.module), alias.name) for alias in node.names)


def modules_of(file: Path, package: str) -> set[str]:
    """Return the modules of a package that a file imports, as ``qa.text.tokens`` by either
    spelling."""
    found = set()
    for module, name in imports(file):
        if module == package and (ROOT / package / f"{name}.py").exists():
            found.add(f"{module}.{name}")
        elif module.split(".")[0] == package:
            found.add(module)
    return found


def room_of(module: str) -> str:
    """Return the room of a module: ``text`` of ``qa.text.tokens``."""
    return module.split(".")[1]


def is_room(name: str) -> bool:
    return (ROOT / "qa" / name).is_dir()


ALL = [file for package in PACKAGES for file in sources(package)]
ids = {"ids": name_of}


@pytest.mark.parametrize("file", sources("qa")[1:], **ids)
def test_no_file_imports_a_higher_room(file: Path) -> None:
    """``qa`` itself re-exports names of every rung, when they are first asked for."""
    own = room_of(name_of(file))
    for module in modules_of(file, "qa"):
        other = room_of(module)
        assert other == own or RUNG[other] < RUNG[own], f"{name_of(file)} imports {module}"


@pytest.mark.parametrize("file", sources("qa"), **ids)
def test_of_another_room_only_the_door_is_used(file: Path) -> None:
    """What a room gives to others is what its ``__init__`` names."""
    own = name_of(file).split(".")[1:2]
    for module, name in imports(file):
        parts = module.split(".")
        if parts[0] == "qa" and len(parts) > 1 and parts[1:2] != own and own:
            assert len(parts) == 2, f"{name_of(file)}: {module}"
            if is_room(parts[1]):
                assert name in import_module(module).__all__, f"{name_of(file)}: {module}.{name}"


def test_every_room_has_its_rung() -> None:
    assert {room_of(name_of(file)) for file in sources("qa")[1:]} <= RUNG.keys()


@pytest.mark.parametrize(
    ("package", "unknown"),
    [
        ("embeddings", {"qa", "eval", "tests", "seeds"}),
        ("qa", {"eval", "tests"}),
        ("eval", {"tests", "embeddings"}),
    ],
)
def test_no_package_knows_a_higher_one(package: str, unknown: set[str]) -> None:
    for file in sources(package, training=True):
        known = {module.split(".")[0] for module, _ in imports(file)}
        assert not known & unknown, name_of(file)


def test_the_evaluation_knows_only_public_names() -> None:
    for file in sources("eval"):
        for module, name in imports(file):
            if module.split(".")[0] == "qa":
                assert (module, name in PUBLIC) == ("qa", True), f"{name_of(file)}: {module}.{name}"


def test_qa_knows_only_the_public_names_of_the_embeddings() -> None:
    from embeddings import __all__ as public

    for file in sources("qa"):
        for module, name in imports(file):
            if module.split(".")[0] == "embeddings":
                assert module == "embeddings", f"{name_of(file)}: {module}.{name}"
                assert name in public, f"{name_of(file)}: {module}.{name}"


def test_the_public_names() -> None:
    """A name that goes is a promise broken; one that comes is a promise made."""
    assert list(qa.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(qa, name).__doc__, name


@pytest.mark.parametrize("file", ALL, **ids)
def test_a_file_says_what_it_does_and_is_short(file: Path) -> None:
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    docstring = ast.get_docstring(tree)
    assert docstring, "no docstring"
    assert docstring.split("\n\n")[0].rstrip()[-1] in ".:", "the first sentence does not end"
    assert len(text.splitlines()) <= 300
    nodes = list(ast.walk(tree))
    assert not any(isinstance(node, ast.Assert) for node in nodes), "no validation by assert"
    assert not {module.split(".")[0] for module, _ in imports(file)} & {"pickle", "shelve"}


@pytest.mark.parametrize("file", ALL, **ids)
def test_the_examples_in_docstrings_run(file: Path) -> None:
    if ">>>" in file.read_text("utf-8"):
        results = doctest.testmod(import_module(name_of(file)))
        assert results.failed == 0
        assert results.attempted > 0


def loaded_after(code: str, *arguments: str) -> set[str]:
    """Return the top-level modules that a fresh process has loaded after running some code."""
    code += "\nimport sys; print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}))"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return set(result.stdout.rsplit("LOADED", 1)[1].split())


def test_importing_is_light() -> None:
    heavy = {"numpy", "faiss", "bm25s", "torch", "gradio", "tokenizers", "platformdirs", "tqdm"}
    assert not loaded_after("import qa, embeddings; qa.QAError") & heavy


def test_asking_needs_only_the_core(tiny: str, tmp_path: Path) -> None:
    """The whole command, its cache and its encoder, without an extra's packages."""
    (tmp_path / "a.txt").write_text("The trade target is $70 billion.")
    code = "import sys; from qa.commands.main import main; main(sys.argv[1:])"
    options = ["ask", "--docs", str(tmp_path), "--encoder", tiny, "What is the trade target?"]
    extras = {"torch", "transformers", "sentence_transformers", "gradio", "pandas", "psycopg",
              "pgvector", "sklearn", "onnx", "gensim", "matplotlib", "pytest"}  # fmt: skip
    loaded = loaded_after(code, *options)
    assert {"faiss", "bm25s"} <= loaded
    assert not loaded & extras


def test_the_suite_refuses_the_network_here_and_in_children() -> None:
    """192.0.2.1 is set aside for documentation (RFC 5737); no packet would ever come back."""
    import socket

    code = (
        "import socket\n"
        "try: socket.create_connection(('192.0.2.1', 80), timeout=5)\n"
        "except PermissionError: print('refused')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "refused\n"
    with pytest.raises(PermissionError):
        socket.create_connection(("192.0.2.1", 80), timeout=5)
    with pytest.raises(PermissionError):
        socket.getaddrinfo("example.org", 80)


def test_sockets_of_this_machine_are_open() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
        server.accept()[0].close()


def test_the_top_level_is_fixed() -> None:
    """What Git does not track is of no concern; outside a checkout there is nothing to see."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    names = {name.split("/")[0] for name in listed.split("\0") if name}
    visible = {name for name in names if not name.startswith(".")}
    assert visible <= {"pyproject.toml", "README.md", "LICENSE", "seeds", "tests", *PACKAGES}


def test_tests_are_flat_and_named_after_what_they_test() -> None:
    files = sorted((ROOT / "tests").glob("*.py"))
    assert not (ROOT / "tests" / "__init__.py").exists()
    allowed = {"conftest", "test_architecture", "test_readme"}
    for file in files:
        named = file.stem in allowed or file.stem.split("_")[1] in (*PACKAGES, "seeds")
        assert named, f"{file.name}: test_<package>_<module>.py"


def test_packages_are_typed() -> None:
    for package in PACKAGES:
        assert (ROOT / package / "py.typed").exists(), package


def test_the_wheel_lists_every_package() -> None:
    """Found by no tool: a folder of code that is not listed would be missing in the wheel."""
    if sys.version_info < (3, 11):
        pytest.skip("tomllib comes with Python 3.11")
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    folders = {file.parent.relative_to(ROOT) for file in ALL}
    listed = set(settings["tool"]["setuptools"]["packages"])
    assert {".".join(folder.parts) for folder in folders} | {"seeds"} == listed
