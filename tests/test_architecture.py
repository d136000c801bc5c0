"""Hold the house together: who imports whom, what is public, how long a file may be."""

import ast
import doctest
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name

import pytest

import qa

ROOT = Path(__file__).parent.parent
PACKAGES = ("embeddings", "qa", "eval")
# The rooms of a package, lowest first: a room imports only from those below it, and from a folder
# only what its __init__ re-exports.
ROOMS = {
    "qa": (
        "errors", "schema", "text", "formats", "documents", "retrieval", "reading", "index",
        "answering", "assistant", "shipped", "page", "commands",
    ),
    "eval": (
        "schema", "console", "metrics", "datasets", "judge", "systems", "report", "runner",
        "benchmarks", "command", "__main__",
    ),
}  # fmt: skip
METRICS = {"eval.metrics"}
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
    """Return the modules of a package that a file imports, as ``qa.text`` by either spelling."""
    found = set()
    for module, name in imports(file):
        if module == package and (ROOT / package / f"{name}.py").exists():
            found.add(f"{module}.{name}")
        elif module.split(".")[0] == package:
            found.add(module)
    return found


ALL = [file for package in PACKAGES for file in sources(package)]
ids = {"ids": name_of}


@pytest.mark.parametrize("package", PACKAGES)
def test_onnxruntime_is_imported_without_telemetry(package: str) -> None:
    """By `embeddings.import_onnxruntime`, which names it in a string."""
    for file in sources(package, training=True):
        modules = {module.split(".")[0] for module, _ in imports(file)}
        assert "onnxruntime" not in modules, f"{name_of(file)}: use import_onnxruntime()"


def imported_modules(file: Path) -> Iterator[tuple[str, str]]:
    """Yield what a file imports as module and name; of a module itself the name is empty."""
    for module, name in imports(file):
        whole = ROOT.joinpath(*module.split("."), *[name] if name else [])
        is_module = whole.with_suffix(".py").exists() or (whole / "__init__.py").exists()
        yield (f"{module}.{name}", "") if name and is_module else (module, name)


def room_of(module: str) -> str:
    """Return the second part of a module's name, that of a package itself being __init__."""
    return [*module.split("."), "__init__"][1]


IN_ROOMS = [file for package in ROOMS for file in sources(package)]
FOLDERS = [
    ROOT / package / room
    for package, rooms in ROOMS.items()
    for room in rooms
    if (ROOT / package / room).is_dir()
]


@pytest.mark.parametrize("package", ROOMS)
def test_every_file_has_its_room(package: str) -> None:
    found = {room_of(name_of(file)) for file in sources(package)}
    assert found - {"__init__"} == set(ROOMS[package])


@pytest.mark.parametrize("file", IN_ROOMS, **ids)
def test_no_room_imports_a_higher_one(file: Path) -> None:
    """The package's own __init__, which stands above them all, is imported by none."""
    package, own = name_of(file).split(".")[0], room_of(name_of(file))
    ladder = [*ROOMS[package], "__init__"]
    for module, _ in imported_modules(file):
        other = room_of(module)
        if module.split(".")[0] == package and other != own:
            assert ladder.index(other) < ladder.index(own), f"{name_of(file)} imports {module}"


@pytest.mark.parametrize("file", ALL, **ids)
def test_a_room_is_entered_by_what_it_re_exports(file: Path) -> None:
    """``qa`` itself loads each of its names from where that is defined, when first asked for it."""
    own = name_of(file).split(".")[:2]
    for module, name in imported_modules(file) if own != ["qa"] else ():
        package, room = module.split(".")[0], room_of(module)
        if ROOT / package / room in FOLDERS and [package, room] != own:
            assert module == f"{package}.{room}", f"{name_of(file)} imports {module}"
            assert name in import_module(module).__all__, f"{name_of(file)}: {module}.{name}"


@pytest.mark.parametrize("package", ROOMS)
def test_no_files_import_each_other_in_a_circle(package: str) -> None:
    """A CycleError names them. An __init__ stands above the files of its room."""
    graph = {
        name_of(file): {module for module, _ in imported_modules(file)} for file in sources(package)
    }
    order = [*TopologicalSorter(graph).static_order()]
    assert graph.keys() <= set(order)


@pytest.mark.parametrize(
    "folder", [folder for folder in FOLDERS if folder.name not in ("page", "commands")], **ids
)
def test_the_init_of_a_room_only_re_exports(folder: Path) -> None:
    """The page's loads the server when it is asked for; nothing imports the commands."""
    _, *imported, names = ast.parse((folder / "__init__.py").read_text("utf-8")).body
    assert all(isinstance(node, ast.ImportFrom) for node in imported)
    assert isinstance(names, ast.Assign)
    assert ast.unparse(names.targets[0]) == "__all__"


@pytest.mark.parametrize(
    ("package", "unknown"),
    [
        ("embeddings", {"qa", "eval", "tests", "seeds"}),
        ("qa", {"eval", "tests"}),
        ("eval", {"tests", "embeddings"}),
    ],
)
def test_no_package_knows_a_higher_one(package: str, unknown: set[str]) -> None:
    """But what is trained for is what is measured: recipes share the evaluation's metrics."""
    for file in sources(package, training=True):
        shared = METRICS if name_of(file).startswith("qa.training.") else set()
        known = {module.split(".")[0] for module, _ in imports(file) if module not in shared}
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
              "pgvector", "sklearn", "bm25s", "onnx", "gensim", "matplotlib", "pytest"}  # fmt: skip
    loaded = loaded_after(code, *options)
    assert "faiss" in loaded
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


def test_what_the_guide_names_exists() -> None:
    """`.github/CONTRIBUTING.md` leads through the rooms by dotted names in backticks."""
    guide = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    names = re.findall(r"`((?:qa|eval|embeddings)(?:\.\w+)+)`", guide)
    assert len(names) > 40
    for name in names:
        resolve_name(name)
