"""Dates and times of day as texts, in ISO 8601 and as the table wrote them: the rules of docs/contracts/features.md, as in src/scoring.

Standard library only, because it is served.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NamedTuple

BLANK = " \t\r\n"

DAY = "([0-9]{1,2})"
YEAR = "([0-9]{4})"
SHORT = "([0-9]{2})"
NAME = "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
WEEKDAY = "(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[,.]? )?"
CLOCK = "([0-9]{1,2})[:.h]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?(?: ?([ap])[.]?m[.]?)?"
ZONE = "(?: ?(?:Z|UTC|GMT|([+-][0-9]{2}):?([0-9]{2})?))?"


def numeric(a: str, b: str, c: str) -> str:
    return f"{a}[./-]{b}[./-]{c}(?:(?:,? +|T){CLOCK}{ZONE})?"


def day_first(year: str) -> str:
    return f"{WEEKDAY}{DAY}(?:st|nd|rd|th|[.])?[ /-]?{NAME}[.]?[ ,/-]{{0,2}}{year}(?:(?:,? +|T|:){CLOCK}{ZONE})?"


# The order of a date's parts, and what its text looks like. The groups: the parts, hour, minute, second, a or p, hours and minutes of the offset.
ISO = ("yMd", f"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})(?:[T ]([0-9]{{2}}):([0-9]{{2}})(?::([0-9]{{2}})(?:[.][0-9]+)?)?(){ZONE})?")
FORMS = {
    "yMd": ("yMd", numeric(YEAR, DAY, DAY)),
    "dMy": ("dMy", numeric(DAY, DAY, YEAR)),
    "Mdy": ("Mdy", numeric(DAY, DAY, YEAR)),
    "dMyy": ("dMy", numeric(DAY, DAY, SHORT)),
    "Mdyy": ("Mdy", numeric(DAY, DAY, SHORT)),
    "dNy": ("dMy", day_first(YEAR)),
    "dNyy": ("dMy", day_first(SHORT)),
    "Ndy": ("Mdy", f"{WEEKDAY}{NAME}[.]? ?{DAY}(?:st|nd|rd|th)?(?:, ?| ){YEAR}(?:(?:,? +|T){CLOCK}{ZONE})?"),
    "yyyyMMdd": ("yMd", f"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})(?:[T ]?([0-9]{{2}}):?([0-9]{{2}})(?::?([0-9]{{2}})(?:[.][0-9]+)?)?(){ZONE})?"),
}
TIME = re.compile(f"(?:{CLOCK}|([0-9]{{1,2}}) ?([ap])[.]?m[.]?)", re.IGNORECASE | re.ASCII)
EPOCH = {"epoch seconds": 1000, "epoch milliseconds": 1}
EPOCH_TEXT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?")
EARLIEST, LATEST = -62_135_596_800_000, 253_402_300_799_999  # the years 1 to 9999, in milliseconds
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class WrongValueError(ValueError):
    """A value of the wrong type; its text says what was expected."""


class Moment(NamedTuple):
    """In UTC when the text has an offset."""

    days: int  # since 1970-01-01
    second: int  # of that day


def form_of(form: str) -> str | None:
    """Which form a field's `format` means: dd/MM/yyyy is dMy."""
    if "yyyyMMdd" in form:
        return "yyyyMMdd"
    parts = re.findall(r"y+|M+|d+", re.sub(r"'[^']*'", "", form))
    name = "".join(part if part == "yy" else "N" if part.startswith("MMM") else part[0] for part in parts)
    return name if name in FORMS else None


def datetime_reader(form: str | None) -> Callable[[object], Moment | None]:
    """Reads dates as ISO 8601 has them, and as the table had them. None is missing."""
    unit = EPOCH.get(form or "")
    name = None if form is None or unit else form_of(form)
    if form is not None and unit is None and name is None:
        raise ValueError(f"The model's features.json has dates in the format {form}, which this code does not know.")
    iso, own = pattern(*ISO), pattern(*FORMS[name]) if name else None
    expected = expected_datetime(form)

    def read(value: object) -> Moment | None:
        if value is None:
            return None
        found = None
        if isinstance(value, str):
            text = value.strip(BLANK)
            if not text:
                return None
            found = (own(text) if own else None) or iso(text)
            if found is None and unit and EPOCH_TEXT.fullmatch(text):
                found = from_epoch(float(text) * unit)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if unit:
                found = from_epoch(value * unit)
            elif own and name == "yyyyMMdd" and math.isfinite(value) and value == math.floor(value):
                found = own(str(int(value)))
        if found is None:
            raise WrongValueError(expected)
        return found

    return read


def from_epoch(milliseconds: float) -> Moment | None:
    if not EARLIEST <= milliseconds <= LATEST:
        return None
    days, rest = divmod(math.floor(milliseconds), 86_400_000)
    return Moment(days, rest // 1000)


def pattern(order: str, text: str) -> Callable[[str], Moment | None]:
    expression = re.compile(text, re.IGNORECASE | re.ASCII)
    places = [order.index(letter) + 1 for letter in "yMd"]

    def read(text: str) -> Moment | None:
        match = expression.fullmatch(text)
        if not match:
            return None
        year, month, day = year_of(match[places[0]]), month_of(match[places[1]]), int(match[places[2]])
        hour, minute, second, offset = hour_of(match[4], match[7]), int(match[5] or 0), int(match[6] or 0), offset_of(match[8], match[9])
        if hour is None or offset is None or not is_day(year, month, day) or not is_time(hour, minute, second):
            return None
        days, within = divmod(days_of(year, month, day) * 1440 + hour * 60 + minute - offset, 1440)
        return Moment(days, within * 60 + second)

    return read


def year_of(text: str) -> int:
    """69 and later are of the last century."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 69 else 1900)


def month_of(text: str) -> int:
    return int(text) if len(text) <= 2 else [name[:3].lower() for name in MONTHS].index(text[:3].lower()) + 1


def hour_of(text: str | None, half: str | None) -> int | None:
    """With a or p, of half a day."""
    hour = int(text or 0)
    if not half:
        return hour
    return hour % 12 + (12 if half in "pP" else 0) if 1 <= hour <= 12 else None


def offset_of(hours: str | None, minutes: str | None) -> int | None:
    if hours is None:
        return 0
    ahead, more = int(hours[1:]), int(minutes or 0)
    return (-1 if hours[0] == "-" else 1) * (ahead * 60 + more) if ahead <= 23 and more <= 59 else None


def is_day(year: int, month: int, day: int) -> bool:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    length = 31 if month in (1, 3, 5, 7, 8, 10, 12) else 30 if month != 2 else 28 + leap
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= length


def is_time(hour: int, minute: int, second: int) -> bool:
    """24:00 is where a day ends."""
    return (hour <= 23 and minute <= 59 and second <= 59) or (hour, minute, second) == (24, 0, 0)


def days_of(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01, counting years from March so that the leap day is the last."""
    year -= month <= 2
    era, place = divmod(year, 400)
    in_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + place * 365 + place // 4 - place // 100 + in_year - 719468


def date_of(days: int) -> tuple[int, int, int]:
    era, place = divmod(days + 719468, 146097)
    year = (place - place // 1460 + place // 36524 - place // 146096) // 365
    in_year = place - (365 * year + year // 4 - year // 100)
    month = (5 * in_year + 2) // 153
    day = in_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year + era * 400 + (month <= 2), month, day


def time_reader(form: str | None) -> Callable[[object], int | None]:
    """Reads times of day as seconds since midnight. Digits may stand for one: 18.05 and 1805."""
    plain = bool(re.fullmatch(r"H{1,2}mm", form or ""))
    scale = 1 if plain else 100 if re.fullmatch(r"H{1,2}\.mm", form or "") else 0
    expected = expected_time(form)

    def read(value: object) -> int | None:
        if value is None:
            return None
        found = None
        if isinstance(value, str):
            text = value.strip(BLANK)
            if not text:
                return None
            match = TIME.fullmatch(text)
            if plain and re.fullmatch("[0-9]{1,4}", text):
                found = from_digits(float(text))
            elif match:
                hour = hour_of(match[1] or match[5], match[4] or match[6])
                found = None if hour is None else second_of(hour, int(match[2] or 0), int(match[3] or 0))
        elif isinstance(value, int | float) and not isinstance(value, bool) and scale:
            found = from_digits(float(value) * scale)
        if found is None:
            raise WrongValueError(expected)
        return found

    return read


def from_digits(value: float) -> int | None:
    digits = math.floor(value + 0.5) if math.isfinite(value) else -1
    return second_of(digits // 100, digits % 100, 0) if abs(value - digits) < 1e-6 and digits >= 0 else None


def second_of(hour: int, minute: int, second: int) -> int | None:
    return hour % 24 * 3600 + minute * 60 + second if is_time(hour, minute, second) else None


def expected_datetime(form: str | None) -> str:
    if form is None:
        return "a date such as 2024-01-31 or 2024-01-31T13:45:00"
    if form in EPOCH:
        unit, sample = ("seconds", "1706708700") if form == "epoch seconds" else ("milliseconds", "1706708700000")
        return f"a date in {unit} since 1970 such as {sample}, or 2024-01-31T13:45:00"
    iso = "2024-01-31T13:45:00" if re.search("[Hh]", re.sub(r"'[^']*'", "", form)) else "2024-01-31"
    return f"a date such as {written(form, SAMPLE)} ({form}) or {iso}"


def expected_time(form: str | None) -> str:
    sample = "13:45" if form is None else written(form, SAMPLE)
    return "a time of day such as 13:45 or 1:45 PM" if sample == "13:45" else f"a time of day such as {sample} ({form}) or 13:45"


SAMPLE = Moment(19753, 13 * 3600 + 45 * 60)  # the last day of January 2024, at a quarter to two
TOKEN = re.compile(r"'([^']*)'|EEEE|EEE|yyyy|yy|MMMM|MMM|MM|M|dd|d|HH|H|hh|h|mm|ss|S+|a|XXX|XX|X")


def written(form: str, moment: Moment) -> str:
    """A moment as the format writes it."""
    year, month, day = date_of(moment.days)
    hour, minute, second = moment.second // 3600, moment.second // 60 % 60, moment.second % 60
    half = (hour + 11) % 12 + 1
    weekday = DAYS[(moment.days + 3) % 7]
    texts = {
        **{"EEEE": weekday, "EEE": weekday[:3], "yyyy": f"{year:04}", "yy": f"{year % 100:02}"},
        **{"MMMM": MONTHS[month - 1], "MMM": MONTHS[month - 1][:3], "MM": f"{month:02}", "M": str(month), "dd": f"{day:02}", "d": str(day)},
        **{"HH": f"{hour:02}", "H": str(hour), "hh": f"{half:02}", "h": str(half), "mm": f"{minute:02}", "ss": f"{second:02}"},
        **{"a": "AM" if hour < 12 else "PM", "XXX": "+00:00", "XX": "+0000", "X": "+00"},
    }
    return TOKEN.sub(lambda match: match[1] if match[1] is not None else texts.get(match[0], "0" * len(match[0])), form)
