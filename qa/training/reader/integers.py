"""Write the 8-bit copy of a reader's ONNX file, and undo it.

Weights are unsigned, as activations are. ONNX Runtime multiplies unsigned by signed numbers on x86
processors without VNNI by a kernel that adds pairs of products in 16 bits and saturates there
(microsoft/onnxruntime#5849, #14642); unsigned by unsigned is exact on every processor.
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.helper import make_node

from embeddings.telemetry import import_onnxruntime

INT8 = ("MatMul", "Gemm", "Gather")
FLOAT = onnx.TensorProto.FLOAT


def write_int8(source: Path, path: Path, kinds: Sequence[str] = INT8) -> None:
    """Write a copy of an fp32 file whose weights of these operators are uint8, of LSTMs fp16."""
    quantization = import_onnxruntime("onnxruntime.quantization")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantization.quantize_dynamic(
            source,
            path,
            op_types_to_quantize=list(kinds),
            weight_type=quantization.QuantType.QInt8,  # symmetric; `unsigned` shifts it
            per_channel=True,
            extra_options={"DefaultTensorType": FLOAT},  # where a fused operator tells no type
        )
    model = onnx.load(path)
    unsigned(model.graph)
    halve(model.graph)
    onnx.save(model, path)


def unsigned(graph: onnx.GraphProto) -> None:
    """Shift int8 weights of integer products, and their zero points, by 128 to uint8.

    The products are the same: (weight + 128) - (zero point + 128) = weight - zero point.
    """
    names = {
        name
        for node in graph.node
        if node.op_type == "MatMulInteger"
        for name in (node.input[1], node.input[3])
    }
    for weight in graph.initializer:
        if weight.name in names and weight.data_type == onnx.TensorProto.INT8:
            shifted = numpy_helper.to_array(weight).astype(np.int16) + 128
            weight.CopyFrom(numpy_helper.from_array(shifted.astype(np.uint8), weight.name))


def halve(graph: onnx.GraphProto) -> None:
    """Keep the weights of LSTMs as fp16; they are fp32 again once the file is loaded."""
    names = {name for node in graph.node if node.op_type == "LSTM" for name in node.input[1:3]}
    casts = []
    for weight in graph.initializer:
        if weight.name in names:
            half = numpy_helper.to_array(weight).astype(np.float16)
            name = weight.name
            weight.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
            casts.append(make_node("Cast", [weight.name], [name], to=FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def dequantised(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy that multiplies the same weights in fp32 and rounds no activation.

    It stands in for the fp32 file where that is gone; it differs from it by the rounded weights.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    nodes = [new for node in graph.node for new in _in_float(node)]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    for name, value in (("float_one", 1), ("float_zero", 0)):
        graph.initializer.append(numpy_helper.from_array(np.float32(value), name))
    return copy


def _in_float(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    """Yield what stands for a node in fp32, where activations have scale 1 and zero point 0."""
    if node.op_type == "DynamicQuantizeLinear":
        given = (node.input[0], "float_one", "float_zero")
        for source, target in zip(given, node.output, strict=True):
            yield make_node("Identity", [source], [target])
    elif node.op_type == "MatMulInteger":
        output, factors = node.output[0], []
        for side, (value, zero) in enumerate(zip(node.input[:2], node.input[2:], strict=True)):
            wide, shift, factor = (f"{output}_{part}{side}" for part in ("wide", "shift", "factor"))
            yield make_node("Cast", [value], [wide], to=FLOAT)
            yield make_node("Cast", [zero], [shift], to=FLOAT)
            yield make_node("Sub", [wide, shift], [factor])
            factors.append(factor)
        yield make_node("MatMul", factors, [output])
    else:
        yield node
