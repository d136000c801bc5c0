"""Test that light markups are understood, and that their text stays that of the file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import split_passages
from qa.documents.loading import make_document
from qa.formats.layout import Extracted
from qa.formats.limits import Limits
from qa.formats.readers import extract


def read(text: str, suffix: str) -> Extracted:
    found = extract(text.encode(), f"a{suffix}", Limits())
    assert found.text == text
    return found


def parts(found: Extracted) -> list[tuple[str, str]]:
    return [(one.kind.value, one.span.of(found.text)) for one in found.blocks or ()]


def rows(found: Extracted) -> list[list[str | None]]:
    held = [one for one in found.blocks or () if one.cells]
    return [[cell and cell.of(found.text) for cell in one.cells] for one in held]


RST = """\
=======
Harbour
=======

.. _label:

.. comment that nobody sees
   and more of it

History
-------
It was dredged
in 1993.

* tea
  from Assam
* coffee

Run it::

    make all

    make clean

.. code-block:: sh
   :linenos:

   ls -l

.. note:: Bring shoes.

   They get wet.

.. [1] By hand.

==== =====
Town Fee
==== =====
Oslo 5
Bern 7 euros
==== =====

+------+-----+
| Town | Fee |
+======+=====+
| Rome | 9   |
+------+-----+
"""


def test_restructured_text() -> None:
    found = read(RST, ".rst")
    assert parts(found) == [
        ("heading", "Harbour"), ("heading", "History"), ("paragraph", "It was dredged\nin 1993."),
        ("list item", "tea\n  from Assam"), ("list item", "coffee"), ("paragraph", "Run it::"),
        ("code", "make all\n\n    make clean"), ("code", "ls -l"), ("paragraph", "Bring shoes."),
        ("paragraph", "They get wet."), ("footnote", "By hand."), ("table header", "Town Fee"),
        ("table row", "Oslo 5"), ("table row", "Bern 7 euros"), ("table header", "Town | Fee"),
        ("table row", "Rome | 9"),
    ]  # fmt: skip
    assert [one.level for one in found.blocks or ()][:2] == [1, 2]
    assert rows(found) == [
        ["Town", "Fee"], ["Oslo", "5"], ["Bern", "7 euros"], ["Town", "Fee"], ["Rome", "9"],
    ]  # fmt: skip
    assert found.title == "Harbour"


ADOC = """\
= Harbour
:author: Ann Lee
:toc:

// nobody sees this
== History

It was dredged in 1993.

* tea
** green
. first

[source,sh]
----
make all
----

.Fees of the towns
|===
|Town |Fee

|Oslo |5
|===

////
hidden
////
[NOTE]
====
Bring shoes.
====
"""


def test_asciidoc() -> None:
    found = read(ADOC, ".adoc")
    assert parts(found) == [
        ("heading", "Harbour"), ("heading", "History"), ("paragraph", "It was dredged in 1993."),
        ("list item", "tea"), ("list item", "green"), ("list item", "first"), ("code", "make all"),
        ("caption", "Fees of the towns"), ("table header", "Town |Fee"), ("table row", "Oslo |5"),
        ("paragraph", "Bring shoes."),
    ]  # fmt: skip
    assert rows(found) == [["Town", "Fee"], ["Oslo", "5"]]
    assert dict(found.metadata) == {"author": "Ann Lee"}


ORG = """\
#+TITLE: Harbour
# nobody sees this
* TODO History :work:
:PROPERTIES:
:ID: 7
:END:
It was dredged in 1993.
- tea
#+BEGIN_SRC sh
make all
#+END_SRC
| Town | Fee |
|------+-----|
| Oslo | 5   |
"""


def test_org() -> None:
    found = read(ORG, ".org")
    assert parts(found) == [
        ("heading", "History"), ("paragraph", "It was dredged in 1993."), ("list item", "tea"),
        ("code", "make all"), ("table header", "Town | Fee"), ("table row", "Oslo | 5"),
    ]  # fmt: skip
    assert rows(found) == [["Town", "Fee"], ["Oslo", "5"]]
    assert found.title == "Harbour"


TEX = r"""\documentclass{article}
\title{Harbour}
\author{Ann Lee}
\begin{document}
\maketitle
\section{History}\label{sec:h}
It was dredged
in 1993. % really
% nobody sees this
\begin{itemize}
\item tea
\end{itemize}
\begin{verbatim}
make all
\end{verbatim}
\begin{tabular}{ll}
Town & Fee \\
\end{tabular}
\end{document}
"""


def test_latex() -> None:
    found = read(TEX, ".tex")
    assert parts(found) == [
        ("heading", "History"), ("paragraph", "It was dredged\nin 1993. % really"),
        ("list item", "tea"), ("code", "make all"), ("table row", "Town & Fee"),
    ]  # fmt: skip
    assert (found.title, dict(found.metadata)) == ("Harbour", {"author": "Ann Lee"})


def test_a_list_under_marks_of_its_own_is_cut_into_passages() -> None:
    """Two items of LaTeX have no mark that plain text knows."""
    found = read("\\item tea\n\\item milk\n", ".tex")
    document = make_document(found.text, "a.tex", blocks=found.blocks or ())
    assert [one.text for one in split_passages(document)] == ["tea", "milk"]


PIECES = st.sampled_from(
    ["\n", "\n\n", "\r\n", "a b", " ", "    ", "\t", "*", "* ", "- ", "1. ", "==", "=== ===", "---",
     "----", "+--+--+", "|", "| a | b |", "|===", "..", ".. ", ".. note::", "::", ".T", ":a: b",
     "#+BEGIN_SRC", "#+END_SRC", "#+TITLE: x", "\\section{a}", "\\begin{verbatim}", "\\\\", "&",
     "\\documentclass", "%", "\\item ", "//", "////", "[x]", "é", "\x0b"]
)  # fmt: skip


@pytest.mark.parametrize("suffix", [".rst", ".adoc", ".org", ".tex"])
@given(st.lists(PIECES, min_size=1, max_size=40))
def test_blocks_are_slices_in_order(suffix: str, pieces: list[str]) -> None:
    text = "x " + "".join(pieces)
    found = read(text, suffix)
    end = 0
    for block in found.blocks or ():
        assert block.span.start >= end
        end = block.span.end
        assert block.span.of(text).strip() == block.span.of(text) != ""
        assert all(block.span.covers(cell) for cell in block.cells if cell)


@pytest.mark.parametrize("suffix", [".rst", ".adoc", ".org", ".tex"])
@pytest.mark.parametrize("unit", ["* a\n", "a::\n\n  b\n", "|===\n", "=== ===\n", "+--+\n", "a\n"])
def test_long_files_take_no_more_than_their_share(suffix: str, unit: str) -> None:
    """A megabyte of what opens a part and never closes it."""
    text = unit * (300_000 // len(unit))
    extract(text.encode(), f"a{suffix}", Limits(seconds=20.0))
