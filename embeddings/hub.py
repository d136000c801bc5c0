"""Load a model by folder or name: from this machine if it is here, else from the hub.

Whether the hub can be reached is known within seconds, so that nobody waits for nothing on a
machine without a network. Which class loads a model is left to the caller.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from embeddings.errors import ModelLoadError

HUB = "https://huggingface.co"
HUB_SECONDS = 4.0

Model = TypeVar("Model")


def load_model(name_or_path: str, load: Callable[[str, bool], Model]) -> Model:
    """Return ``load(name_or_path, local)``, tried with ``local`` true before it may use the hub.

    Raises:
        ModelLoadError: there is no such folder, ``load`` raised anything, the extra ``models`` is
            not installed, or the name is not known here and the hub does not answer.
    """
    folder = Path(name_or_path).expanduser()
    if name_or_path and folder.is_dir():
        return _loaded(str(folder), load, local=True)
    if folder.exists() or folder.is_absolute() or name_or_path[:1] in {"", ".", "~", "/"}:
        raise ModelLoadError(
            f"No model at {name_or_path!r}: this is not a folder. Give the folder of a saved "
            "model, or a model's name on the hub."
        )
    try:
        return _loaded(name_or_path, load, local=True)
    except ModelLoadError as error:
        if isinstance(error.__cause__, ImportError):
            raise
        if not _hub_answers():
            raise ModelLoadError(
                f"No model {name_or_path!r}: it is not a folder here and not in this machine's "
                "model cache, and the hub does not answer. Give the path of a folder, or fetch "
                "the model where there is a network."
            ) from error
    return _loaded(name_or_path, load, local=False)


def _loaded(name_or_path: str, load: Callable[[str, bool], Model], local: bool) -> Model:
    try:
        return load(name_or_path, local)
    except ModelLoadError:
        raise
    except ImportError as error:
        raise ModelLoadError(
            "Only the models that come with this package, and other static encoders, work without "
            f"the extra 'models'. Install it: pip install 'extractive-qa[models]' ({error})."
        ) from error
    except Exception as error:  # the libraries raise all sorts
        reason = str(error).strip().split("\n", 1)[0]
        raise ModelLoadError(
            f"The model {name_or_path!r} cannot be loaded ({type(error).__name__}: {reason}). "
            "Check the name or the folder."
        ) from error


def _hub_answers() -> bool:
    """Return whether the hub answers within ``HUB_SECONDS``; in a thread, as look-ups can hang."""
    import urllib.error
    import urllib.request  # slow to import, and seldom needed

    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        return False
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(os.environ.get("HF_ENDPOINT", HUB), method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=HUB_SECONDS).close()
        except urllib.error.HTTPError:
            answered.set()  # a refusal is an answer
        except Exception:  # whatever stands in the way, the hub is out of reach
            return
        else:
            answered.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(HUB_SECONDS)
    return answered.is_set()
