"""Keep libraries from reporting what is done with them: the one place that says how."""

import os
from importlib import import_module
from typing import Any

# What each library reads when it is imported, or later.
_SETTINGS = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime; its disable_telemetry_events() does not suffice
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, and what loads models through it
    "GRADIO_ANALYTICS_ENABLED": "False",
}


def disable_telemetry() -> None:
    """Tell onnxruntime, huggingface_hub and gradio to report nothing; call it before the import."""
    os.environ.update(_SETTINGS)


def import_onnxruntime(module: str = "onnxruntime") -> Any:
    """Return ONNX Runtime, or a module of it, without the telemetry that its import starts."""
    disable_telemetry()
    return import_module(module)
