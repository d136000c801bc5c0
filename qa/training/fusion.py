"""Learn how much each part of the retriever counts.

    python -m qa.training.fusion --data DIR --gold eval/gold/dev.jsonl --docs seeds

A softmax over the passages that a question proposes is fitted to the ones that answer it: on
XQuAD-en, the first half of new-wiki and what is kept back of our own questions on the prose, all
paragraphs of a set together, and on our dev split.
Each set counts the same, whatever its size. What is printed goes into `qa.fusion.Weights`.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from embeddings.training.data import Example, read_examples, read_lines
from embeddings.training.written import written_questions
from qa.assistant import Assistant
from qa.fusion import POOL, HybridRetriever, Weights, standardise
from qa.loading import make_document
from qa.schema import Passage, Span

PARTS = tuple(asdict(Weights()))
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pool:
    """The standardised signals of a question's passages, (passages, parts), and which answer."""

    signals: Matrix
    right: NDArray[np.bool_]


def pool(retriever: HybridRetriever, question: str, right: NDArray[np.bool_]) -> Pool:
    """Return what a question proposes; ``right`` holds a truth for every passage."""
    places, raw = retriever.signals(question, POOL)
    return Pool(np.stack([standardise(raw[part]) for part in PARTS], axis=1), right[places])


def set_pools(examples: Sequence[Example], count: int, seed: int) -> list[Pool]:
    """Return the pools of some questions over all paragraphs of their set."""
    contexts = list(dict.fromkeys(example.context for example in examples))
    documents = [make_document(text, f"{number}.txt") for number, text in enumerate(contexts)]
    passages = [Passage(one.id, Span(0, len(one.text)), one.text) for one in documents]
    retriever = Assistant.from_documents(documents, passages).retriever
    number = {context: place for place, context in enumerate(contexts)}
    chosen = random.Random(seed).sample(list(examples), min(count, len(examples)))
    every = np.arange(len(contexts))
    return [
        pool(retriever, one.question, every == number[one.context])
        for one in tqdm(chosen, mininterval=10)
    ]


def gold_pools(gold: Path, docs: Path) -> list[Pool]:
    """Return the pools of our own questions; a passage that holds an accepted answer is right."""
    assistant = Assistant.from_folder(docs, cache=False)
    passages = assistant.retriever.passages
    sources = {document.id: document.source for document in assistant.documents}
    found = []
    for line in read_lines(gold):
        question = json.loads(line)
        held = [
            (answer["document"], Span(answer["start"], answer["start"] + len(answer["text"])))
            for answer in question["answers"]
        ]
        right = [
            any(sources[one.document_id] == name and one.span.covers(span) for name, span in held)
            for one in passages
        ]
        found.append(pool(assistant.retriever, question["question"], np.array(right)))
    return found


def fit(sets: Sequence[Sequence[Pool]], penalty: float = 1e-3) -> Matrix:
    """Return the weights that minimise the mean over sets of the mean loss of a question."""
    able = [[one for one in pools if one.right.any()] for pools in sets]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, gradient = penalty * float(weights @ weights), 2 * penalty * weights
        for pools in able:
            for one in pools:
                scores = one.signals @ weights
                odds = np.exp(scores - scores.max())
                share = odds / odds.sum()
                wanted = share * one.right / share[one.right].sum()
                total -= np.log(share[one.right].sum()) / len(pools) / len(able)
                gradient = gradient - (wanted - share) @ one.signals / len(pools) / len(able)
        return total, gradient

    bounds = [(0.0, None)] * len(PARTS)
    best: Matrix = minimize(loss, np.ones(len(PARTS)), jac=True, bounds=bounds).x
    return best


def recall(pools: Sequence[Pool], weights: Matrix, depth: int) -> float:
    """Return for how many answerable questions one of the first passages is right, in percent."""
    able = [one for one in pools if one.right.any()]
    found = [one.right[np.argsort(-one.signals @ weights)[:depth]].any() for one in able]
    return 100 * float(np.mean(found))


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/ in it")
    parser.add_argument("--gold", type=Path, required=True, help="our dev questions")
    parser.add_argument("--docs", type=Path, required=True, help="the documents they are about")
    parser.add_argument("--questions", type=int, default=1000, help="of each set")
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()
    dev = arguments.data / "dev"
    wiki = list(read_examples(dev / "qa-squadshifts-new-wiki.jsonl.xz"))
    examples = {
        "xquad-en": list(read_examples(dev / "qa-xquad-en.jsonl.xz")),
        "new-wiki": wiki[: len(wiki) // 2],
        "kept back": [one for one in written_questions(arguments.data, "kept back") if one.answers],
    }
    sets = {name: set_pools(held, arguments.questions, arguments.seed)
            for name, held in examples.items()}  # fmt: skip
    sets["our dev split"] = gold_pools(arguments.gold, arguments.docs)
    learned = fit(list(sets.values()))
    print("weights:", dict(zip(PARTS, learned.round(2).tolist(), strict=True)))
    tried = {
        "bm25": np.array([1.0, 0, 0, 0]),
        "bm25 + dense": np.array([1.0, 0.5, 0, 0]),
        "in use": np.array(list(asdict(Weights()).values())),
        "learned": learned,
    }
    for left in sets:
        tried[f"learned without {left}"] = fit(
            [held for name, held in sets.items() if name != left]
        )
    for name, held in sets.items():
        for label, weights in tried.items():
            found = ", ".join(f"@{depth} {recall(held, weights, depth):.1f}" for depth in (1, 5, 8))
            print(f"{name}, {label}: recall {found}")


if __name__ == "__main__":
    main()
