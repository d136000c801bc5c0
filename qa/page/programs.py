"""Answer programs: the API endpoint ``/ask``, and the tool that a language model calls by MCP.

How they are reached is left to Gradio.
"""

import json
from collections.abc import Callable
from typing import Any

from qa.assistant import Assistant
from qa.errors import QAError
from qa.schema import Answer


def endpoint(assistant: Assistant) -> Callable[[str], dict[str, Any]]:
    """Return the function of the API endpoint."""

    def answer(question: str) -> dict[str, Any]:
        """Return the fields of an answer; ``error`` is null, or says what went wrong."""
        try:
            return assistant.ask(question).to_dict()
        except QAError as error:
            return {**Answer(str(question), None, 0.0).to_dict(), "error": str(error)}

    vars(answer)["_mcp_type"] = "endpoint"  # so that Gradio offers it to programs alone
    return answer


def tool(answer: Callable[[str], dict[str, Any]]) -> Callable[[str], str]:
    """Return the MCP tool; Gradio passes text on as it is, but not JSON.

    Its docstring is what a language model reads.
    """

    def ask(question: str) -> str:
        """Answer a question with an exact quote from the documents, or say why it cannot.

        The result is JSON: "answer" (verbatim words, or null when the documents do not answer),
        "confidence" (probability that it is right), "reason" (why there is no answer),
        "citations" and "alternatives" (document, title, publisher, date, quote, context, and
        start and end in characters), "nearest" (passages that came close) and "error".
        Quote only words of "quote" or "context", and name their document.

        Args:
            question: one question in plain words, such as "What was the trade target?"
        """
        return json.dumps(answer(question), ensure_ascii=False)

    return ask
