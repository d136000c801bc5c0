"""Write a tiny made-up data folder in the format of the real one, to try a recipe on."""

import json
import random
from pathlib import Path

TOPICS = {
    "trade": "tariff export import harbour customs cargo",
    "bread": "flour yeast oven dough crust baker",
    "stars": "telescope orbit comet planet lens night",
    "music": "violin choir melody rhythm concert drum",
}


def write_smoke_data(folder: Path, seed: int = 1) -> None:
    """Write ``train/`` with prose and questions, and ``dev/`` with questions."""
    draw = random.Random(seed)
    paragraphs = [_paragraph(draw, number) for number in range(400)]
    (folder / "train").mkdir(parents=True, exist_ok=True)
    (folder / "dev").mkdir(exist_ok=True)
    _write(folder / "train" / "prose-smoke.txt", paragraphs)
    rows = [_question(draw, number, paragraphs[number]) for number in range(200)]
    _write(folder / "train" / "qa-squad-train-aligned.jsonl", rows[:100])
    _write(folder / "dev" / "qa-xquad-en.jsonl", rows[100:150])
    _write(folder / "dev" / "qa-squadshifts-new-wiki.jsonl", rows[150:])


def _paragraph(draw: random.Random, number: int) -> str:
    words = TOPICS[draw.choice(sorted(TOPICS))].split()
    sentences = [
        f"The {draw.choice(words)} near the {draw.choice(words)} had the number {number}."
        for _ in range(draw.randrange(3, 6))
    ]
    return " ".join(sentences)


def _question(draw: random.Random, number: int, paragraph: str) -> str:
    word = draw.choice(paragraph.split()[1:6])
    answer = paragraph.split()[1]
    row = {
        "id": f"smoke-{number}",
        "question": f"Which {word} had the number {number}?",
        "context": paragraph,
        "answers": [{"text": answer, "start": paragraph.index(answer)}],
    }
    return json.dumps(row)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
