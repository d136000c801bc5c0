"""Test readers and rerankers of other libraries with tiny models made here."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from embeddings import ModelLoadError
from embeddings.hub import load_model
from qa.schema import Hit, Passage, Span

if importlib.util.find_spec("sentence_transformers") is None:
    pytest.skip("the extra 'models' is not installed", allow_module_level=True)

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the trade target is set by bank where ? 70 billion".split()


def tiny_tokenizer(folder: Path, **settings: object) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokens = Tokenizer(models.WordLevel({w: n for n, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    tokens.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]", model_max_length=48, **settings,
    ).save_pretrained(folder)  # fmt: skip


def tiny_bert(folder: Path, kind: str, **settings: object) -> Path:
    import torch
    import transformers

    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=48, **settings,
    )  # fmt: skip
    getattr(transformers, kind)(config).save_pretrained(folder)
    tiny_tokenizer(folder)
    return folder


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("reading"), "BertForQuestionAnswering")


@pytest.fixture(scope="module")
def ranking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ranking")
    return tiny_bert(folder, "BertForSequenceClassification", num_labels=1)


def hits_of(*texts: str) -> list[Hit]:
    passages = [Passage(str(n), Span(0, len(text)), text) for n, text in enumerate(texts)]
    return [Hit(passage, 1.0 - n, n + 1) for n, passage in enumerate(passages)]


def test_a_transformer_gives_the_spans_that_its_logits_give(reading: Path) -> None:
    """The best span is that of the raw model, by hand: one text, one row, no batch."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    from qa.reading.hf_reader import Transformer

    question, text = "where is the target ?", "the trade target is 70 billion"
    found = load_model(str(reading), Transformer.load).spans(question, ["bank", text], 40)[1]
    tokenizer = AutoTokenizer.from_pretrained(reading)
    read = tokenizer(question, text, return_tensors="pt", return_offsets_mapping=True)
    places = read.pop("offset_mapping")[0].tolist()
    model = AutoModelForQuestionAnswering.from_pretrained(reading).eval()
    with torch.inference_mode():
        scores = model(**read)
    start, end = scores.start_logits[0].numpy(), scores.end_logits[0].numpy()
    inside = [at for at, kind in enumerate(read.sequence_ids(0)) if kind == 1]
    expected = {
        (places[a][0], places[b][1]): start[a] + end[b] - start[0] - end[0]
        for a in inside for b in inside if a <= b
    }  # fmt: skip
    assert {(one.span.start, one.span.end) for one in found} == set(expected)
    for one in found:
        assert one.score == pytest.approx(expected[one.span.start, one.span.end], abs=1e-4)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_transformer_reads_what_fits_and_survives_what_does_not(reading: Path) -> None:
    from qa.reading.hf_reader import Transformer

    reader = load_model(str(reading), Transformer.load)
    long = "target " * 500
    for spans in reader.spans("trade " * 400, [long, "", "…"], 3):
        assert all(one.span.end <= len(long) for one in spans)
    assert reader.spans("where", [], 3) == []


def test_a_model_of_another_kind_is_no_reader(ranking: Path) -> None:
    from qa.reading.hf_reader import Transformer

    with pytest.raises(ModelLoadError, match="not trained to answer"):
        load_model(str(ranking), Transformer.load)


def test_a_reranker_orders_by_the_scores_of_its_model(ranking: Path) -> None:
    from sentence_transformers import CrossEncoder

    from qa.reading.rerank import Reranker

    hits = hits_of("the bank", "the trade target is 70 billion", "where is the bank", "the bank")
    found = load_model(str(ranking), Reranker.load).rerank("where is the target ?", hits)
    pairs = [("where is the target ?", hit.passage.text) for hit in hits]
    scores = np.asarray(CrossEncoder(str(ranking)).predict(pairs))
    order = np.argsort(-scores, kind="stable")
    assert [hit.passage for hit in found] == [hits[at].passage for at in order]
    assert [hit.rank for hit in found] == [1, 2, 3, 4]
    for hit, at in zip(found, order, strict=True):
        assert dict(hit.signals)["reranker"] == hit.score == pytest.approx(scores[at], abs=1e-5)


def test_a_reranker_of_many_labels_is_refused(tmp_path: Path) -> None:
    from qa.reading.rerank import Reranker

    folder = tiny_bert(tmp_path, "BertForSequenceClassification", num_labels=3)
    with pytest.raises(ModelLoadError, match="one score"):
        load_model(str(folder), Reranker.load)


def test_nothing_is_reranked_to_nothing(ranking: Path) -> None:
    from qa.reading.rerank import Reranker

    assert load_model(str(ranking), Reranker.load).rerank("where", []) == ()


def test_a_name_without_a_hub_is_said_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    from qa.reading.hf_reader import Transformer
    from qa.reading.rerank import Reranker

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for load in (Transformer.load, Reranker.load):
        with pytest.raises(ModelLoadError, match="the hub does not answer"):
            load_model("no-such-org/no-such-model", load)


def test_an_assistant_uses_what_it_is_given(reading: Path, ranking: Path) -> None:
    """The answer is a slice all the same, and the assistant it came from stays as it was."""
    from qa import Assistant, make_document

    document = make_document("The trade target is 70 billion, set by the bank.", "a.txt")
    assistant = Assistant.from_documents([document])
    other = assistant.using(reader=str(reading), reranker=str(ranking))
    answer = other.ask("where is the trade target?")
    assert {name for hit in answer.hits for name, _ in hit.signals} >= {"bm25", "reranker"}
    for candidate in answer.reading.candidates:
        assert candidate.text in document.text
    assert assistant.reranker is None
    assert answer.reading != assistant.ask("where is the trade target?").reading


def test_a_model_that_is_not_there_is_said() -> None:
    from qa import Assistant, ModelError, make_document

    assistant = Assistant.from_documents([make_document("The trade target.", "a.txt")])
    with pytest.raises(ModelError, match="not a folder"):
        assistant.using(reader="./nowhere")
    with pytest.raises(ModelError, match="not a folder"):
        assistant.using(reranker="./nowhere")
