"""Show a number or a date as a sheet does, by its format: ``$1,234.50``, ``5.0%``, ``00042``.

Understood are the parts of formats that people use; a value in another format is shown plainly.
"""

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.|(.)', re.DOTALL)
_DIGITS = re.compile(r"[0#?][0#?,]*(?:\.[0#?]*)?(,*)")
_DATE_PART = re.compile(
    r'"([^"]*)"|\\(.)|\[\$?[^\]]*\]|(am/pm|a/p|y+|m+|d+|h+|s+(?:\.0+)?)|_.|\*.|(.)',
    re.IGNORECASE | re.DOTALL,
)
_LOCAL = frozenset(["mm-dd-yy", "m/d/yy h:mm", "general"])  # shown as each country writes dates
_MOST_DIGITS = 15  # that a sheet keeps of a number


def shown_number(value: float, number_format: str) -> str:
    """Return a number as its format shows it.

    >>> [shown_number(*one) for one in ((0.05, "0.0%"), (42, "00000"), (-5.5, "0.00;(0.00)"))]
    ['5.0%', '00042', '(5.50)']
    """
    parts = _sections(number_format)
    chosen = 0
    if value < 0 and len(parts) > 1:
        chosen = 1
    elif value == 0 and len(parts) > 2:
        chosen = 2
    part = parts[chosen]
    digits = "".join(character if plain else "\0" for character, plain in part)
    pattern = _DIGITS.search(digits)
    if "general" in digits.lower() or "/" in digits or "E" in digits or "@" in digits:
        return _plain(value)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return _plain(value)
    number = number * 100 ** digits.count("%")
    sign = "-" if value < 0 and chosen == 0 else ""
    if pattern is None:
        return sign + "".join(character for character, _ in part)
    if set("0#?") & set(digits[pattern.end() :]):  # 000-000: digits with words amid them
        return _plain(value)
    written = _written(abs(number), pattern.group(), pattern.group(1))
    before, after = part[: pattern.start()], part[pattern.end() :]
    return sign + "".join([*(one for one, _ in before), written, *(one for one, _ in after)])


@lru_cache(maxsize=1024)
def _sections(number_format: str) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """Return the characters of each section: of positive, negative, zero; and whether each is a
    sign of the format or words to be shown.
    """
    found: list[list[tuple[str, bool]]] = [[]]
    for match in _TOKEN.finditer(number_format):
        quoted, escaped, currency, plain = match.groups()
        if plain == ";":
            found.append([])
        elif plain is not None:
            found[-1].append((plain, True))
        else:
            words = quoted or escaped or currency or ""
            found[-1] += [(character, False) for character in words]
    return tuple(map(tuple, found))


def _written(number: Decimal, pattern: str, scale: str) -> str:
    pattern = pattern[: len(pattern) - len(scale)] if scale else pattern
    whole, _, decimals = pattern.partition(".")
    step = Decimal(1).scaleb(-len(decimals))
    number = (number / Decimal(1000) ** len(scale)).quantize(step, ROUND_HALF_UP)
    least = whole.replace(",", "").count("0")
    figures, _, rest = f"{number:f}".partition(".")
    figures = figures.lstrip("0").rjust(least, "0")
    if "," in whole:
        figures = f"{int(figures or 0):,}".rjust(least, "0")
    kept = decimals.count("0")
    rest = rest[:kept] + rest[kept:].rstrip("0")
    return f"{figures}.{rest}" if rest else figures or "0"


def _plain(value: float) -> str:
    return f"{value:.{_MOST_DIGITS}g}" if isinstance(value, float) else str(value)


def shown_date(value: date | time, number_format: str) -> str:
    """Return a date or time as its format shows it; as ISO 8601 where that depends on the country.

    >>> shown_date(date(2024, 7, 2), "d mmmm yyyy"), shown_date(date(2024, 7, 2), "mm-dd-yy")
    ('2 July 2024', '2024-07-02')
    """
    form = number_format.partition(";")[0]
    if form.lower() in _LOCAL or not isinstance(value, datetime | date | time):
        return _iso(value)
    if form == "yyyy-mm-dd h:mm:ss":  # what programs write that know of no format
        return _iso(value)
    half = re.search(r"am/pm|a/p", form, re.IGNORECASE) is not None
    found: list[str] = []
    last = ""
    matches = list(_DATE_PART.finditer(form))
    for at, match in enumerate(matches):
        quoted, escaped, part, plain = match.groups()
        if part is None:
            found.append(quoted or escaped or plain or "")
            continue
        following = next((one.group(3) for one in matches[at + 1 :] if one.group(3)), "")
        minutes = part[0] in "mM" and (last[:1] in "hH" or following[:1] in "sS") and len(part) < 3
        shown = _part(value, part.lower(), minutes=minutes, half=half)
        if shown is None:
            return _iso(value)
        found.append(shown)
        last = part
    return "".join(found).strip()


def _part(value: date | time, part: str, *, minutes: bool, half: bool) -> str | None:
    """Return a part of a date; None where the value has none, or the part is not understood."""
    if part in ("am/pm", "a/p"):
        return f"{value:%p}" if isinstance(value, datetime | time) else None
    if minutes or part[0] in "hs":
        if not isinstance(value, datetime | time):
            return None
        hour = (value.hour % 12 or 12) if half else value.hour
        number = value.minute if minutes else hour if part[0] == "h" else value.second
        return f"{number:0{min(len(part), 2)}d}" if "." not in part else None
    if isinstance(value, time):
        return None
    if part[0] == "y":
        return f"{value.year:04d}" if len(part) > 2 else f"{value.year % 100:02d}"
    number = value.month if part[0] == "m" else value.day
    names = ("%b", "%B") if part[0] == "m" else ("%a", "%A")
    return f"{number:0{len(part)}d}" if len(part) < 3 else value.strftime(names[len(part) > 3])


def _iso(value: date | time) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="seconds").removesuffix(" 00:00:00")
    return value.isoformat()
