"""Show answers in a browser: a visitor's requests come in, HTML goes out.

Finding the answers is left to `qa.assistant`.
"""

from typing import TYPE_CHECKING, Any

from qa.page.settings import Limits, Settings

if TYPE_CHECKING:
    from qa.page.serving import serve

__all__ = ["Limits", "Settings", "serve"]


def __getattr__(name: str) -> Any:
    """Load the server, and Gradio with it, when it is first asked for."""
    if name != "serve":
        raise AttributeError(f"module 'qa.page' has no attribute {name!r}")
    from qa.page.serving import serve

    return serve
