"""Time a call, weigh the process, and say what the figures depend on.

What is timed is left to the benchmarks. Times are in milliseconds, memory in megabytes.
"""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from eval.metrics import percentile

Figures = dict[str, Any]


def timed(action: Callable[..., Any], *given: Any, **options: Any) -> tuple[float, Any]:
    """Return how many milliseconds a call took by the clock, and its result."""
    begun = time.perf_counter()
    result = action(*given, **options)
    return 1000 * (time.perf_counter() - begun), result


def computed(action: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    """Return how many milliseconds of processor time a call took, and its result."""
    begun = time.process_time()
    result = action(*given)
    return 1000 * (time.process_time() - begun), result


def spread(name: str, milliseconds: Sequence[float]) -> Figures:
    """Return the median and the 95th percentile of some times."""
    return {
        f"{name}_p50_ms": round(percentile(milliseconds, 0.5), 2),
        f"{name}_p95_ms": round(percentile(milliseconds, 0.95), 2),
    }


def peak() -> float | None:
    """Return the most memory that this process has held, None where the system cannot tell."""
    try:
        import resource
    except ImportError:
        return None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(held / (1e6 if sys.platform == "darwin" else 1e3), 1)


def machine() -> Figures:
    """Return what times depend on: the date, the processor, the versions."""
    return {
        "date": date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def load() -> float | None:
    """Return how many processes wanted a core in the last minute, where the system can tell."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
