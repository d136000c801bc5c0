"""Make up tables and questions on their rows, of which the other training data has none.

Things, columns and questions are combined at random from the lists below; names and remarks come
from the prose. How many such questions are taught is left to the recipes.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from embeddings.training.data import Example
from qa.reading.linearise import view
from qa.schema import Passage, PassageKind, Span

SOURCE = "tables"
ROWS = (4, 9)  # fewest and most rows of a table
COLUMNS = (2, 5)  # fewest and most, without the one that names the row
YEARLY = 0.25  # share of tables that hold measures by year
UNANSWERED = 0.15  # share of questions about a column that the table lacks
REVERSED = 0.15  # share of questions that ask which row has a given cell
KEYWORDS = 0.3  # share of questions written as keywords
_THINGS = (
    "oak cork steel brass clay glass wool paper rubber cotton copper bamboo plastic stone leather",
    "sheet board pipe panel lamp valve pump filter cable chair table bracket carpet sensor door",
)
_KEYS = "Product|Item|Article|Name|Description"
_NAMED = "Project|Programme|Station|Department|Route|Company|Event|Course|Site|Partner|Initiative"
_MEASURES = (
    "Revenue|Net profit|Operating profit|Net debt|Employees|Visitors|Exports|Imports|Emissions|"
    "Passengers|Dividend|Total assets|Members|Sales|Output|Investment|Population|Applications"
).split("|")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: (?:of |and )?[A-Z][a-z]+){0,3}")
_PERSON = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+ [A-Z][a-z]+(?=[ ,.])")
_REMARK = re.compile(r"(?<=[.] )[A-Z][^.:;|]{15,90}(?=\.)")
_WORDS = re.compile(r"(?<= )[a-z]{4,} [a-z]{4,}(?: [a-z]{4,})?(?=[ ,.])")
_BY_YEAR = (
    "What was the {} in {}?",
    "How high were the {} in {}?",
    "{} {}",
    "What {} did it have in {}?",
)
Cell = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a row: its cells, each under its column's name, and which of them answers."""

    question: str
    cells: Sequence[tuple[str, str]]
    answer: int | None


@dataclass(frozen=True, slots=True)
class _Column:
    """Possible names of a column, a source of its cells, and ways to ask a row for it."""

    names: Sequence[str]
    cell: Cell
    asked: Sequence[str]


def table_questions(prose: Iterable[str], count: int, seed: int) -> Iterator[Example]:
    """Yield ``count`` questions on rows of made-up tables, the rows of a table in order.

    The context of each is its row as `qa.reading.linearise` shows it to a reader, and holds the
    answer if there is one.
    """
    for asked in islice(chain.from_iterable(made_up(prose, seed)), count):
        row, _ = _line([cell for _, cell in asked.cells])
        header, _ = _line([head for head, _ in asked.cells])
        passage = Passage("", Span(0, len(row)), row, PassageKind.TABLE_ROW, header=header)
        shown = view(passage)
        yield _example(asked, shown.text, [place.start for _, place in shown.cells])


def markdown(table: Sequence[Asked]) -> tuple[str, list[Example]]:
    """Return a table in Markdown, and the questions on its rows, each with its line as context."""
    heads = [head for head, _ in table[0].cells]
    lines = [_line(heads)[0], f"|{' --- |' * len(heads)}"]
    questions = []
    for asked in table:
        row, starts = _line([cell for _, cell in asked.cells])
        lines.append(row)
        questions.append(_example(asked, row, starts))
    return "\n".join(lines), questions


def made_up(prose: Iterable[str], seed: int) -> Iterator[list[Asked]]:
    """Yield tables without end, each a question per row; names and remarks come from ``prose``."""
    chance, text = random.Random(seed), " ".join(prose)
    drawn = [
        sorted({found.strip() for found in form.findall(text)})
        for form in (_NAME, _PERSON, _REMARK, _WORDS)
    ]
    names, people, remarks, words = (lambda c, held=held: c.choice(held) for held in drawn)
    columns = _columns(people, names, remarks, words)
    while True:
        yield list(_table(chance, columns, names))


def _example(asked: Asked, row: str, starts: Sequence[int]) -> Example:
    at = asked.answer
    answers = () if at is None else ((asked.cells[at][1], starts[at]),)
    return Example(SOURCE, asked.question, row, answers, SOURCE)


def _line(cells: Sequence[str]) -> tuple[str, list[int]]:
    """Return a line of a table in Markdown, and where in it each cell starts."""
    row, starts = "|", []
    for cell in cells:
        starts.append(len(row) + 1)
        row += f" {cell} |"
    return row, starts


def _table(chance: random.Random, columns: Sequence[_Column], names: Cell) -> Iterator[Asked]:
    """Yield a question on every row of one table."""
    if chance.random() < YEARLY:
        yield from _years(chance)
        return
    *chosen, lacking = chance.sample(columns, chance.randint(*COLUMNS) + 1)
    heads = [chance.choice(column.names) for column in chosen]
    things, coded = chance.random() < 0.5, chance.random() < 0.3
    key = chance.choice((_KEYS if things else _NAMED).split("|"))
    for number in range(1, chance.randint(*ROWS) + 1):
        own = _thing(chance, number) if things else names(chance)
        cells = [(key, own), *((h, c.cell(chance)) for h, c in zip(heads, chosen, strict=True))]
        if coded:
            cells.append(("Code", f"{chance.choice('ABTX')}-{100 + number}"))
        at = chance.randrange(len(chosen))
        called = own.lower() if things and chance.random() < 0.6 else own
        if chance.random() < UNANSWERED:
            question = _question(chance, lacking, chance.choice(lacking.names), called)
            yield Asked(question, cells, None)
        elif chance.random() < REVERSED:
            head, cell = cells[1 + at]
            yield Asked(f"Which {key.lower()} has {cell} as {head.lower()}?", cells, 0)
        else:
            yield Asked(_question(chance, chosen[at], heads[at], called), cells, 1 + at)


def _thing(chance: random.Random, number: int) -> str:
    own = " ".join(chance.choice(words.split()) for words in _THINGS).capitalize()
    size, model = f" {chance.randrange(2, 90)} mm", f" {chance.choice('ABCDK')}{number}"
    return own + chance.choice(["", size, model])


def _years(chance: random.Random) -> Iterator[Asked]:
    """Yield a question on every row of a table of measures by year; rows hold one or the other."""
    first = chance.randrange(1950, 2027)
    years = [str(first - number) for number in range(chance.randint(2, 5))]
    measures = chance.sample(_MEASURES, chance.randint(2, 5))
    cell = chance.choice([_money, _count, _percent])
    rows, heads = (measures, years) if chance.random() < 0.5 else (years, measures)
    top = "Year" if rows is years else chance.choice(["", "Figure", "Item", "In million euros"])
    for own in rows:
        cells = [(top, own), *((head, cell(chance)) for head in heads)]
        wanted: int | None = chance.randrange(1, len(cells))
        head = cells[wanted][0]
        measure, year = (own, head) if rows is measures else (head, own)
        if chance.random() < UNANSWERED:
            year, wanted = str(int(years[-1]) - chance.randint(1, 9)), None
        named = measure.lower() if chance.random() < 0.7 else measure
        yield Asked(chance.choice(_BY_YEAR).format(named, year), cells, wanted)


def _question(chance: random.Random, column: _Column, head: str, own: str) -> str:
    if chance.random() < KEYWORDS:
        return chance.choice([f"{own} {head.lower()}", f"{head.lower()} {own}"])
    called = chance.choice(["", "the "]) + own
    if chance.random() < 0.4:
        return f"What is the {head.lower()} of {called}?"
    return chance.choice(column.asked).format(called)


def _money(chance: random.Random) -> str:
    figure = chance.choice([f"{chance.uniform(1, 900):.2f}", f"{chance.randrange(20, 9000):,}"])
    scale = chance.choice(["", "", " million", " billion"])
    return chance.choice(
        [f"${figure}{scale}", f"£{figure}", f"€{figure}", f"{figure}{scale} euros", figure]
    )


def _date(chance: random.Random) -> str:
    month = chance.choice("January March April May June July September October December".split())
    year, day = chance.randrange(1900, 2031), chance.randrange(1, 29)
    return chance.choice(
        [f"{day} {month} {year}", f"{month} {year}", f"{year}", f"{month} {day}, {year}"]
    )


def _count(chance: random.Random) -> str:
    return f"{chance.choice([chance.randrange(2, 99), chance.randrange(100, 90_000)]):,}"


def _time(chance: random.Random) -> str:
    unit = chance.choice("days|weeks|months|years|hours|working days|minutes".split("|"))
    return f"{chance.randrange(2, 40)} {unit}"


def _percent(chance: random.Random) -> str:
    return f"{chance.uniform(0.1, 95):.1f}{chance.choice(['%', ' %', ' percent'])}"


def _measured(chance: random.Random) -> str:
    unit = chance.choice("km|m|mm|kg|tonnes|litres|hectares|MW|kWh|GB|°C".split("|"))
    return f"{chance.choice([chance.randrange(2, 999), round(chance.uniform(0.5, 90), 1)])} {unit}"


def _columns(people: Cell, places: Cell, remarks: Cell, words: Cell) -> Sequence[_Column]:
    """Return every kind of column but the first; ``{}`` in a question stands for the row's name."""

    def column(names: str, cell: Cell, asked: str) -> _Column:
        return _Column(names.split("|"), cell, asked.split("|"))

    return (
        column("Price|Price (EUR)|Unit price|Cost|Fee|Total cost", _money,
               "How much does {} cost?|What is the price of {}?|What do I pay for {}?|price {}"
               "|What does {} cost?"),
        column("Budget|Budget (million)|Funding|Investment|Grant", _money,
               "What is the budget of {}?|How much money goes to {}?|How much was invested in {}?"
               "|What sum is set aside for {}?"),
        column("Opened|Start date|Founded|Date|Completed|Deadline|Launch", _date,
               "When did {} start?|In which year was {} opened?|What is the date of {}?"
               "|When was {} completed?|By when must {} be done?"),
        column("Manager|Contact|Director|Head|Responsible|Lead", people,
               "Who is in charge of {}?|Who manages {}?|Who is responsible for {}?"
               "|Whom do I ask about {}?|Who leads {}?"),
        column("Location|City|Venue|Place|Office|Region", places,
               "Where is {}?|Where does {} take place?|In which place is {} based?"),
        column("Supplier|Owner|Operator|Partner|Responsible body|Agency", places,
               "Who supplies {}?|Which organisation is behind {}?|Who runs {}?"
               "|Which body would carry out {}?"),
        column("Stock|Quantity|Seats|Staff|Members|Passengers|Capacity|Minimum order", _count,
               "How many are there of {}?|What is the number given for {}?|How many has {}?"),
        column("Lead time|Duration|Delivery time|Frequency|Warranty|Term", _time,
               "How long does {} take?|How long must one wait for {}?|How soon is {} there?"),
        column("Share|Growth|Change|Discount|Completion", _percent,
               "What is the percentage for {}?|By how much did {} change?|What share has {}?"),
        column("Length|Weight|Size|Height|Area|Power|Range", _measured,
               "How big is {}?|How long is {}?|What are the measurements of {}?"),
        column("Purpose|Goal|Aim|Expected outcome|Benefit|Result", words,
               "What is {} for?|What is expected of {}?|What should {} bring?"
               "|What is the aim of {}?"),
        column("Notes|Remarks|Description|Comment|Meaning", remarks,
               "What is said about {}?|What should one know about {}?|What does {} mean?"),
    )  # fmt: skip
