"""Draw the plots of the page as inline SVG: risk-coverage, calibration, latency.

Colours come from the page's style sheet, so that they follow light and dark mode. What is plotted
is computed in `eval.metrics`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

from eval.metrics import CalibrationBin, CurvePoint, percentile

WIDTH, HEIGHT = 360, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 14, 14, 44
_PERCENT = tuple((share, f"{100 * share:.0f}") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
_BARS = 24


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: its label, the value at its far end, and its ticks."""

    label: str
    top: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot's two axes, and where values lie on the drawing, whose origin is at the top left.

    >>> Frame(Axis("x", 1.0, ()), Axis("y", 1.0, ())).at(0.0, 1.0)
    (48.0, 14.0)
    """

    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the coordinates of a pair of values."""
        across = (WIDTH - _LEFT - _RIGHT) * x / self.x.top
        up = (HEIGHT - _TOP - _BOTTOM) * y / self.y.top
        return round(_LEFT + across, 1), round(HEIGHT - _BOTTOM - up, 1)

    def line(self, points: Sequence[tuple[float, float]], style: str) -> str:
        """Return a line through the points."""
        path = " ".join(f"{x},{y}" for x, y in (self.at(*point) for point in points))
        return f'<polyline class="{style}" points="{path}"/>'

    def dot(self, x: float, y: float, radius: float, style: str, title: str) -> str:
        """Return a dot that shows ``title`` when pointed at."""
        left, top = self.at(x, y)
        place = f'cx="{left}" cy="{top}" r="{radius:.1f}"'
        return f'<circle class="{style}" {place}><title>{escape(title)}</title></circle>'

    def bar(self, start: float, end: float, height: float, title: str) -> str:
        """Return a bar between two values of x that shows ``title`` when pointed at."""
        left, top = self.at(start, height)
        right, bottom = self.at(end, 0)
        place = f'x="{left}" y="{top}" width="{right - left - 1:.1f}" height="{bottom - top:.1f}"'
        return f'<rect class="bar" {place}><title>{escape(title)}</title></rect>'

    def draw(self, title: str, parts: Sequence[str]) -> str:
        """Return the whole drawing: grid, ticks, labels and ``parts``."""
        head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        return "\n".join([head, *self._grid(), *parts, "</svg>"])

    def _grid(self) -> list[str]:
        drawn = []
        for value, label in self.x.ticks:
            x, y = self.at(value, 0)
            drawn.append(self.line([(value, 0), (value, self.y.top)], "grid"))
            drawn.append(f'<text class="tick" x="{x}" y="{y + 14}">{label}</text>')
        for value, label in self.y.ticks:
            x, y = self.at(0, value)
            drawn.append(self.line([(0, value), (self.x.top, value)], "grid"))
            drawn.append(f'<text class="tick end" x="{x - 6}" y="{y + 3.5}">{label}</text>')
        across, down = (_LEFT + WIDTH - _RIGHT) / 2, (_TOP + HEIGHT - _BOTTOM) / 2
        drawn.append(f'<text class="label" x="{across}" y="{HEIGHT - 8}">{self.x.label}</text>')
        turn = f'transform="translate(12 {down}) rotate(-90)"'
        drawn.append(f'<text class="label" {turn}>{self.y.label}</text>')
        return drawn


def risk_coverage_plot(points: Sequence[CurvePoint], now: CurvePoint | None) -> str:
    """Draw the share of wrong answers over the share answered; a dot marks ``now``."""
    frame = Frame(
        Axis("questions answered, surest first (%)", 1.0, _PERCENT),
        Axis("of those wrong (%)", 1.0, _PERCENT),
    )
    parts = [frame.line([(0, 0.1), (1, 0.1)], "aim")]
    if points:
        curve = [(0.0, points[0].risk), *((point.coverage, point.risk) for point in points)]
        parts.append(frame.line(curve, "curve"))
    if now is not None:
        title = f"as it answers today: {now.coverage:.0%} answered, {now.risk:.0%} of those wrong"
        parts.append(frame.dot(now.coverage, now.risk, 5, "now", title))
    return frame.draw("Risk-coverage curve", parts)


def calibration_plot(bins: Sequence[CalibrationBin]) -> str:
    """Draw the share of right answers over the confidence; larger dots are more questions."""
    frame = Frame(Axis("confidence (%)", 1.0, _PERCENT), Axis("of those right (%)", 1.0, _PERCENT))
    parts = [frame.line([(0, 0), (1, 1)], "aim")]
    parts.append(frame.line([(each.confidence, each.accuracy) for each in bins], "curve thin"))
    most = max((each.count for each in bins), default=1)
    for each in bins:
        title = (
            f"{each.count} questions: confidence {each.confidence:.0%}, right {each.accuracy:.0%}"
        )
        radius = 3 + 6 * (each.count / most) ** 0.5
        parts.append(frame.dot(each.confidence, each.accuracy, radius, "dot", title))
    return frame.draw("Calibration of the confidence", parts)


def latency_plot(milliseconds: Sequence[float]) -> str:
    """Draw a histogram of times; lines mark the median and the 95th percentile."""
    top = _round_up(max(milliseconds, default=1.0))
    step = top / _BARS
    counts = [0] * _BARS
    for time in milliseconds:
        counts[min(int(time / step), _BARS - 1)] += 1
    most = max(counts) or 1
    ticks = tuple((top * part / 4, f"{top * part / 4:g}") for part in range(5))
    heights = tuple((float(n), str(n)) for n in sorted({0, ceil(most / 2), most}))
    frame = Frame(
        Axis("milliseconds a question", top, ticks), Axis("questions", 1.05 * most, heights)
    )
    parts = [
        frame.bar(at * step, (at + 1) * step, count, f"{count} below {(at + 1) * step:g} ms")
        for at, count in enumerate(counts)
        if count
    ]
    for share in (0.5, 0.95) if milliseconds else ():
        value = percentile(milliseconds, share)
        parts.append(frame.line([(value, 0), (value, 1.05 * most)], "aim"))
    return frame.draw("Latency", parts)


def _round_up(value: float) -> float:
    """Round up to 1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6 or 8 times a power of ten.

    >>> _round_up(37.0)
    40.0
    """
    size = 10.0 ** (ceil(log10(max(value, 1e-3))) - 1)
    return float(
        next(
            size * step for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if size * step >= value
        )
    )
