"""Learn how much each part of the retriever counts.

    python -m qa.training.fusion --data DIR --gold eval/gold/dev.jsonl --docs seeds

A softmax over the passages that a question proposes is fitted to the ones that answer it: on
XQuAD-en, the first half of new-wiki and what is kept back of our own questions on the prose, all
paragraphs of a set together, and on our dev split. Each set counts the same, whatever its size.
What is printed goes into `qa.retrieval.hybrid.Weights`; last, what is found where the reader judges
the first hits, by the weight of its log-odds beside the fused score:
`qa.reading.rerank.JUDGE_WEIGHT`.
"""

import argparse
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from embeddings.training.data import Example, read_examples, read_lines
from qa.assistant import Assistant
from qa.documents.loading import make_document
from qa.reading.onnx_reader import bundled_network
from qa.reading.rerank import Judge
from qa.retrieval.hybrid import POOL, HybridRetriever, Weights, ranked, standardise
from qa.schema import Hit, Passage, Span
from qa.training.questions.written import written_questions

PARTS = tuple(asdict(Weights()))
JUDGED = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)  # weights of the judge's log-odds that are tried
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pool:
    """The standardised signals of a question's passages, (passages, parts), and which answer."""

    signals: Matrix
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what may find its passages, and a truth for each: whether it answers."""

    retriever: HybridRetriever
    question: str
    right: NDArray[np.bool_]

    def pool(self) -> Pool:
        """Return what is proposed, with what each part says of it."""
        places, raw = self.retriever.signals(self.question, POOL)
        signals = np.stack([standardise(part) for part in raw.rows()], axis=1)
        return Pool(signals, self.right[places])

    def judged(self, judge: Judge) -> Pool:
        """Return the hits that the judge orders, with their fused scores and its log-odds."""
        places, raw = self.retriever.signals(self.question, POOL)
        scores = raw.weighted(self.retriever.weights).rows().sum(axis=0)
        first = ranked(scores)[: judge.depth]
        passages = self.retriever.passages.at(places[first])
        hits = [Hit(one, 0.0, rank) for rank, one in enumerate(passages, 1)]
        odds = judge.odds(self.question, hits)
        return Pool(np.stack([scores[first], odds], axis=1), self.right[places[first]])


def asked_of_set(examples: Sequence[Example], count: int, seed: int) -> Iterator[Asked]:
    """Yield some questions over all paragraphs of their set."""
    contexts = list(dict.fromkeys(example.context for example in examples))
    documents = [make_document(text, f"{number}.txt") for number, text in enumerate(contexts)]
    passages = [Passage(one.id, Span(0, len(one.text)), one.text) for one in documents]
    retriever = Assistant.from_documents(documents, passages).retriever
    number = {context: place for place, context in enumerate(contexts)}
    every = np.arange(len(contexts))
    for one in random.Random(seed).sample(list(examples), min(count, len(examples))):
        yield Asked(retriever, one.question, every == number[one.context])


def asked_of_gold(gold: Path, docs: Path) -> Iterator[Asked]:
    """Yield our own questions; a passage that holds an accepted answer is right."""
    assistant = Assistant.from_folder(docs, cache=False)
    passages = assistant.retriever.passages
    sources = {document.id: document.source for document in assistant.documents}
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
        yield Asked(assistant.retriever, question["question"], np.array(right))


def fit(sets: Sequence[Sequence[Pool]], penalty: float = 1e-3) -> Matrix:
    """Return the weights that minimise the mean over sets of the mean loss of a question.

    The loss is -ln(1 + p), p the probability of the passages that answer: unlike -ln p it lets a
    question that is out of reach weigh no more than one that is nearly won.
    """
    able = [[one for one in pools if one.right.any()] for pools in sets]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, gradient = penalty * float(weights @ weights), 2 * penalty * weights
        for pools in able:
            for one in pools:
                scores = one.signals @ weights
                odds = np.exp(scores - scores.max())
                share = odds / odds.sum()
                found = share[one.right].sum()
                change = (share * one.right - found * share) @ one.signals / (1 + found)
                total -= np.log1p(found) / len(pools) / len(able)
                gradient = gradient - change / len(pools) / len(able)
        return total, gradient

    bounds = [(0.0, None)] * len(PARTS)
    best: Matrix = minimize(loss, np.ones(len(PARTS)), jac=True, bounds=bounds).x
    return best


def recall(pools: Sequence[Pool], weights: Matrix, depth: int) -> float:
    """Return for how many answerable questions one of the first passages is right, in percent."""
    able = [one for one in pools if one.right.any()]
    found = [one.right[np.argsort(-one.signals @ weights)[:depth]].any() for one in able]
    return 100 * float(np.mean(found))


def told(tried: Mapping[str, Matrix], sets: Mapping[str, Sequence[Pool]]) -> None:
    """Print the recall of every choice of weights on every set."""
    for name, held in sets.items():
        for label, weights in tried.items():
            found = ", ".join(f"@{depth} {recall(held, weights, depth):.1f}" for depth in (1, 5, 8))
            print(f"{name}, {label}: recall {found}")


def fit_parts(sets: Mapping[str, Sequence[Pool]]) -> None:
    """Fit the weights of the parts, with every set and without each; print what they find."""
    used, learned = np.array(list(asdict(Weights()).values())), fit(list(sets.values()))
    learned *= used.sum() / learned.sum()  # the ranking depends on their ratios alone
    print("weights:", dict(zip(PARTS, learned.round(2).tolist(), strict=True)))
    tried = {
        "bm25": np.array([1.0, 0, 0, 0]),
        "bm25 + dense": np.array([1.0, 0.5, 0, 0]),
        "in use": used,
        "learned": learned,
    }
    for left in sets:
        others = [held for name, held in sets.items() if name != left]
        tried[f"learned without {left}"] = fit(others)
    told(tried, sets)


def main() -> None:
    """Run the recipe."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/ in it")
    parser.add_argument("--gold", type=Path, required=True, help="our dev questions")
    parser.add_argument("--docs", type=Path, required=True, help="the documents they are about")
    parser.add_argument("--questions", type=int, default=1000, help="of each set")
    parser.add_argument("--judged", type=int, default=200, help="of each set, read by the judge")
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()
    dev = arguments.data / "dev"
    wiki = list(read_examples(dev / "qa-squadshifts-new-wiki.jsonl.xz"))
    examples = {
        "xquad-en": list(read_examples(dev / "qa-xquad-en.jsonl.xz")),
        "new-wiki": wiki[: len(wiki) // 2],
        "kept back": [one for one in written_questions(arguments.data, "kept back") if one.answers],
    }
    sets = {name: list(asked_of_set(held, arguments.questions, arguments.seed))
            for name, held in examples.items()}  # fmt: skip
    sets["our dev split"] = list(asked_of_gold(arguments.gold, arguments.docs))
    fit_parts({name: [one.pool() for one in tqdm(held)] for name, held in sets.items()})
    judge, many = Judge(bundled_network()), arguments.judged
    told(
        {f"reader as judge, weight {odds}": np.array([1.0, odds]) for odds in JUDGED},
        {name: [one.judged(judge) for one in tqdm(held[:many])] for name, held in sets.items()},
    )


if __name__ == "__main__":
    main()
