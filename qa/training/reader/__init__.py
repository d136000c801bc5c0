"""Make the reader that ships: training data in, an ONNX file out; `qa.reading` runs it."""
