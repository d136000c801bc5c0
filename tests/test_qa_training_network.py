"""The network of the reader: masks, losses, and files that give the same scores."""

import math

import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra `train`")
onnx = pytest.importorskip("onnx", reason="the recipe needs the extra `train`")
for name in ("onnxruntime", "tokenizers", "Stemmer", "bm25s"):
    pytest.importorskip(name, reason="the recipe needs the extra `train`")

from qa.training.reader import export, integers, readers, stages  # noqa: E402

TINY = readers.Shape(60, 12, 6, dropout=0.0)


def test_padding_changes_no_score():
    torch.manual_seed(1)
    reader = readers.Recurrent(TINY, torch.arange(60).expand(2, -1).clone()).eval()
    question, passage = torch.tensor([[7, 8]]), torch.tensor([[9, 7, 11]])
    wide_q, wide_p = torch.zeros(1, 5, dtype=torch.long), torch.zeros(1, 9, dtype=torch.long)
    wide_q[:, :2], wide_p[:, :3] = question, passage
    with torch.no_grad():
        narrow, wide = reader(question, passage), reader(wide_q, wide_p)
    assert torch.allclose(narrow, wide[:, :, :4], atol=1e-5)
    assert (wide[:, :, 4:] < -1e3).all()


def test_span_loss_by_hand():
    """Two places with even odds each, so any one of them costs log 2, both cost nothing."""
    logits = torch.tensor([[[-1e4, 0.0, 0.0], [-1e4, 0.0, 0.0]]])
    one = torch.tensor([[0, -1]])
    both = torch.tensor([[0, 1]])
    nothing = torch.tensor([[-1, -1]])
    assert readers.span_loss(logits, one, one).item() == pytest.approx(math.log(2))
    assert readers.span_loss(logits, both, both).item() == pytest.approx(0.0, abs=1e-6)
    assert readers.span_loss(-logits, nothing, nothing).item() == pytest.approx(0.0, abs=1e-6)


def test_export_agrees_with_torch(tmp_path):
    torch.manual_seed(1)
    reader = readers.Recurrent(TINY, torch.arange(60).expand(2, -1).clone()).eval()
    export.write_onnx(reader, tmp_path / "r.onnx")
    assert export.disagreement(reader, tmp_path / "r.onnx") < 1e-4
    integers.write_int8(tmp_path / "r.onnx", tmp_path / "r8.onnx")
    assert export.disagreement(reader, tmp_path / "r8.onnx") < 1.0


def test_lstms_are_kept_in_half_the_bytes_and_read_alike(tmp_path):
    shape = readers.Shape(60, 12, 32, dropout=0.0, ground=48)
    reader = readers.Recurrent(shape, torch.arange(60).expand(2, -1).clone()).eval()
    export.write_onnx(reader, tmp_path / "r.onnx")
    model = onnx.load(tmp_path / "r.onnx")
    integers.halve(model.graph)
    onnx.save(model, tmp_path / "r16.onnx")
    sizes = [(tmp_path / name).stat().st_size for name in ("r.onnx", "r16.onnx")]
    assert sizes[1] < 0.75 * sizes[0]
    assert export.disagreement(reader, tmp_path / "r16.onnx") < 1e-2


def test_a_reader_returns_from_its_file(tmp_path):
    reader = readers.Recurrent(TINY, torch.arange(60).expand(2, -1).clone()).eval()
    stages.save_reader(reader, TINY, tmp_path / "r.safetensors", {"tokens": 3})
    again, notes = stages.load_reader(tmp_path / "r.safetensors")
    assert notes == {"tokens": 3}
    question, passage = torch.tensor([[7, 8]]), torch.tensor([[9, 7, 11]])
    assert torch.equal(reader(question, passage), again(question, passage))
