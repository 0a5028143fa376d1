"""Numbers with a unit, as the table wrote them: the rules of docs/contracts/features.md, as in src/scoring/units.ts.

Standard library only, because it is served.
"""

from __future__ import annotations

import re
from collections.abc import Callable

BLANK = "[ \u00a0\u202f]?"
SPACED = "[ \u00a0\u202f'’]"
FORMAT = re.compile(r"([^#0]*)((?:#([.,'’ \u00a0\u202f])##)?0(?:([.,])(0+))?)([^#0]*)")


def figure_pattern(decimal: str) -> str:
    """A number without a sign before it."""
    point, group = ("[.]", ",") if decimal == "." else (",", "[.]")
    grouped = f"[1-9][0-9]{{0,2}}(?:(?:{group}[0-9]{{3}})+|(?:{SPACED}[0-9]{{3}})+)(?:{point}[0-9]+)?"
    return f"(?:[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+|{grouped})"


def united_pattern(unit: str, figure: str) -> str:
    """Before or after its unit, perhaps in brackets, as accountants write what is below zero."""
    before, after = f"{unit}{BLANK}{figure}", f"{figure}{BLANK}{unit}"
    return "|".join(
        [
            f"[+-]?{BLANK}{before}",
            f"{unit}{BLANK}[+-]{figure}",
            f"[+-]?{BLANK}{after}",
            f"[(](?:{before}|{after})[)]",
            f"{unit}{BLANK}[(]{figure}[)]",
            f"[(]{figure}[)]{BLANK}{unit}",
        ]
    )


def number_format(form: str) -> tuple[str, str]:
    """The unit and the decimal sign of a field's `format`, such as `#.##0,00 €`."""
    found = FORMAT.fullmatch(form)
    before, group, sign, after = found.group(1, 3, 4, 6) if found else ("", None, None, "")
    unit = re.sub("[ \u00a0\u202f]", "", before or after)
    if not unit or (before and after) or (sign is not None and sign == group):
        raise ValueError(f"The model's features.json has numbers in the format {form}, which this code does not know.")
    return unit, "," if sign == "," or group == "." else "."


def expected_number(form: str | None) -> str:
    found = FORMAT.fullmatch(form or "")
    if found is None:
        return "a number"
    before, _, group, sign, zeros, after = found.groups()
    bare = ("12" if group is None else "1234") + ("" if sign is None else ".5")
    whole = "12" if group is None else f"1{group}234"
    rest = "" if sign is None else sign + "5".ljust(len(zeros), "0")
    return f"a number such as {bare} or {before}{whole}{rest}{after}"


def united_reader(form: str) -> Callable[[str], float | None]:
    """Reads a text with the unit; None when it is another."""
    unit, decimal = number_format(form)
    expression = re.compile(united_pattern(re.escape(unit), figure_pattern(decimal)))
    group = "," if decimal == "." else "."

    def read(text: str) -> float | None:
        if not expression.fullmatch(text):
            return None
        digits = re.sub("[()+\\- \u00a0\u202f'’]", "", text.replace(unit, "", 1)).replace(group, "")
        number = float(digits.replace(",", ".", 1))
        return -number if "(" in text or "-" in text else number

    return read
