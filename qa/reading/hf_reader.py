"""Score spans with a question-answering model of Transformers (the extra ``models``).

It stands in for the network that ships (`qa.reading.onnx_reader`); choosing among spans is left to
`qa.reading.selector`, whose calibration was learnt with the latter.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from embeddings import disable_telemetry
from qa.reading.onnx_reader import ScoredSpan, best_spans

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_BATCH = 8
_LONGEST = 512  # tokens of question and passage, where the model sets no limit


class Transformer:
    """A reader whose "not here" is the span of its first token, as in SQuAD 2.0."""

    def __init__(self, model: "PreTrainedModel", tokenizer: Any) -> None:
        if not tokenizer.is_fast:
            raise ValueError("its tokenizer does not say where tokens stand")
        self._model = cast(Any, model)
        self._model.eval()
        self._tokenizer = tokenizer
        limit = getattr(model.config, "max_position_embeddings", None) or _LONGEST
        self._limit = min(int(limit), int(tokenizer.model_max_length), _LONGEST)

    @classmethod
    def load(cls, name_or_path: str, local: bool) -> "Transformer":
        """Load model and tokenizer; with ``local``, without asking the hub for anything."""
        disable_telemetry()
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        model, notes = AutoModelForQuestionAnswering.from_pretrained(
            name_or_path, local_files_only=local, output_loading_info=True
        )
        if any("qa_outputs" in name for name in notes["missing_keys"]):
            raise ValueError("it was not trained to answer questions: it has no span scores")
        return cls(model, AutoTokenizer.from_pretrained(name_or_path, local_files_only=local))

    def spans(self, question: str, texts: Sequence[str], best: int) -> list[list[ScoredSpan]]:
        """Return for each text its ``best`` spans, best first; what does not fit is not read."""
        found: list[list[ScoredSpan]] = []
        for start in range(0, len(texts), _BATCH):
            found += self._read(question, texts[start : start + _BATCH], best)
        return found

    def _read(self, question: str, texts: Sequence[str], best: int) -> list[list[ScoredSpan]]:
        import torch

        asked = self._tokenizer(question, add_special_tokens=False)["input_ids"]
        question = question if len(asked) < self._limit // 2 else question[: self._limit]
        read = self._tokenizer(
            [question] * len(texts),
            list(texts),
            truncation="only_second",
            max_length=self._limit,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = read.pop("offset_mapping").numpy()
        with torch.inference_mode():
            scored = self._model(**read)
        start, end = (part.float().numpy() for part in (scored.start_logits, scored.end_logits))
        rows = []
        for row in range(len(texts)):
            inside = np.flatnonzero([kind == 1 for kind in read.sequence_ids(row)])
            places = [(int(first), int(last)) for first, last in offsets[row][inside]]
            closes = end[row, inside] - start[row, 0] - end[row, 0]
            rows.append(best_spans(texts[row], start[row, inside], closes, places, best))
        return rows
