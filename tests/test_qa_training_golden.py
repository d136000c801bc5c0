"""What is kept of a reader: 8-bit weights that are exact everywhere, and log-odds that prove it."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra `train`")
onnx = pytest.importorskip("onnx", reason="the recipe needs the extra `train`")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

from qa.training.reader import export, golden, integers, measure, readers, tokens  # noqa: E402


def product(weights, zeros):
    """Return a model of one product: activations uint8 (2, 3) with zero point 7."""
    given = helper.make_tensor_value_info("given", TensorProto.UINT8, [2, 3])
    made = helper.make_tensor_value_info("made", TensorProto.INT32, [2, 2])
    held = [
        numpy_helper.from_array(value, name)
        for name, value in (("weights", weights), ("zeros", zeros), ("seven", np.uint8(7)))
    ]
    node = helper.make_node("MatMulInteger", ["given", "weights", "seven", "zeros"], ["made"])
    graph = helper.make_graph([node], "product", [given], [made], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def test_unsigned_weights_give_the_same_products():
    """Both ends of the range, and a zero point for each column."""
    weights = np.array([[-128, 127], [127, -128], [0, 5]], np.int8)
    model = product(weights, np.array([0, -3], np.int8))
    given = {"given": np.array([[255, 255, 0], [0, 7, 200]], np.uint8)}
    before = ReferenceEvaluator(model).run(None, given)[0]
    integers.unsigned(model.graph)
    kinds = {one.name: one.data_type for one in model.graph.initializer}
    assert kinds["weights"] == kinds["zeros"] == TensorProto.UINT8
    np.testing.assert_array_equal(ReferenceEvaluator(model).run(None, given)[0], before)
    np.testing.assert_array_equal(before, (given["given"].astype(int) - 7) @ (weights - [0, -3]))


@pytest.fixture
def exported(tmp_path):
    """Return the fp32 file of an untrained reader, and a tokenizer of its vocabulary."""
    tokenizer = tokens.train_tokenizer([" ".join(pair) for pair in golden.PAIRS], 400)
    size = tokenizer.get_vocab_size()
    torch.manual_seed(1)
    classes = torch.zeros(2, size, dtype=torch.long)
    reader = readers.Recurrent(readers.Shape(size, 12, 32, dropout=0.0), classes)
    export.write_onnx(reader, tmp_path / "reader-fp32.onnx")
    return tmp_path / "reader-fp32.onnx", tokenizer


def test_the_export_writes_what_fp32_gives(exported):
    full, tokenizer = exported
    path = full.with_name("reader.onnx")
    assert export.write_checked(full, path, tokenizer) <= golden.BOUND
    assert TensorProto.INT8 not in {one.data_type for one in onnx.load(path).graph.initializer}
    held = json.loads(full.with_name("golden.json").read_text("utf-8"))
    odds = golden.log_odds(measure.onnx_score(full), tokenizer)
    assert [pair["log_odds"] for pair in held["pairs"]] == pytest.approx(odds, abs=1e-3)


def test_without_the_fp32_file_its_scores_come_from_the_rounded_weights(exported):
    full, tokenizer = exported
    path = full.with_name("reader.onnx")
    export.write_checked(full, path, tokenizer)
    again = integers.dequantised(onnx.load(path)).SerializeToString()
    odds = [golden.log_odds(measure.onnx_score(one), tokenizer) for one in (full, again)]
    assert odds[0] == pytest.approx(odds[1], abs=golden.BOUND)


def test_the_export_keeps_no_model_that_differs(exported, monkeypatch):
    full, tokenizer = exported

    def broken(source, target):
        model = onnx.load(source)
        for weight in model.graph.initializer:
            if weight.name == "reader.head.none.bias":
                weight.CopyFrom(numpy_helper.from_array(np.full(2, 9, np.float32), weight.name))
        onnx.save(model, target)

    monkeypatch.setattr(export, "write_int8", broken)
    with pytest.raises(ArithmeticError, match="is not kept: its log-odds differ"):
        export.write_checked(full, full.with_name("reader.onnx"), tokenizer)
    assert [one.name for one in full.parent.iterdir()] == [full.name]
