"""Tables in CSV files that people open in spreadsheets: nothing in a cell is ever a formula.

A cell that a spreadsheet might take for a formula is written with an apostrophe before it, and
read back without.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

from pytest_ragft.errors import InputError

# Besides these, tab and line ends at the start are stripped by spreadsheets; the wide forms count
# in some locales.
_FORMULA = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_TO_ESCAPE = re.compile(rf"'*{_FORMULA}")
_ESCAPED = re.compile(rf"'+{_FORMULA}")
_DELIMITERS = ",;\t"
_LONGEST_CELL = 2**30
_ARRAY = re.compile(r"\barray\((\[.*?\])(?:,\s*dtype=[^)]*)?\)", re.DOTALL)
# Excel's line in front of the header.
_SEPARATOR = re.compile(r"\ufeff?sep=(.)\r?(?:\n|\Z)", re.IGNORECASE)


def escaped(text: str) -> str:
    """`text` as a cell that no spreadsheet computes; `unescaped` gives it back."""
    return f"'{text}" if _TO_ESCAPE.match(text) else text


def unescaped(cell: str) -> str:
    """The text of a cell that `escaped` wrote, and of any other cell as it is."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def written_list(cell: str) -> list[object] | None:
    """The items of a list that is written out in a cell; None where it is no list.

    Lists are written as in JSON, in Python, or by NumPy (without commas), as pandas puts them into
    CSV. Answers as SQuAD has them in tables (``{'text': […], 'answer_start': […]}``) are texts.
    """
    text = cell.strip()
    if not text.startswith(("[", "{", "array(")):
        return None
    for read in (json.loads, _python_value):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError, tokenize.TokenError):
            value = read(text)
            if isinstance(value, dict) and "answer_start" in value:
                value = value.get("text")
            if isinstance(value, list):
                return value
    return None


def _python_value(text: str) -> object:
    plain = _ARRAY.sub(r"\1", text)
    value: object = ast.literal_eval(plain)
    if not isinstance(value, list):
        return value
    tokens = [
        token
        for token in tokenize.generate_tokens(io.StringIO(plain).readline)
        if token.type in (tokenize.STRING, tokenize.OP, tokenize.NUMBER, tokenize.NAME)
    ]
    if any(a.type == b.type == tokenize.STRING for a, b in pairwise(tokens)):
        # NumPy puts no commas between texts; Python would make them one.
        return [ast.literal_eval(t.string) for t in tokens if t.type == tokenize.STRING]
    return value


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV with every cell escaped and, for spreadsheets, a byte order mark before it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([escaped(cell) for cell in row] for row in rows)
    return "\ufeff" + stream.getvalue()


def read_table(
    text: str, name: str, *, delimiter: str | None = None, verbatim: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by column name with the number of their last line; a short row ends in empty cells.

    Names of columns are lower case and cells unescaped, unless they are to be `verbatim`. Empty
    rows are skipped.

    Args:
        text: of the file.
        name: of the file, for messages.
        delimiter: Between cells; without one it is comma, semicolon or tab, whichever the header
            has: spreadsheets save any.
        verbatim: Whether columns and cells stay as they stand, in tables of other makers.

    Raises:
        InputError: no header, a column twice, a row longer than the header, or broken quotes.
    """
    said = _SEPARATOR.match(text)
    first = text.split("\n", 1)[0]
    delimiter = (said[1] if said else None) if delimiter is None else delimiter
    delimiter = delimiter or max(_DELIMITERS, key=first.count)
    # What Python takes for a cell is 128 kB: in a sheet a quote was left open, and data sets have
    # documents in theirs.
    usual = csv.field_size_limit()
    csv.field_size_limit(_LONGEST_CELL if verbatim else usual)
    try:
        yield from _rows(text, name, delimiter, verbatim=verbatim)
    finally:
        csv.field_size_limit(usual)


def _rows(
    text: str, name: str, delimiter: str, *, verbatim: bool
) -> Iterator[tuple[int, dict[str, str]]]:
    begins = 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        if _SEPARATOR.match(text):
            next(reader)
        names = reader.line_num + 1
        header = [cell.strip() for cell in next(reader, [])]
        if not verbatim:
            header = [cell.lower() for cell in header]
        twice = {column for column in header if column and header.count(column) > 1}
        if not any(header) or twice:
            why = f"the column {twice.pop()!r} stands twice" if twice else "no header line"
            raise InputError(f"{name}, line {names}: {why}; the first line names each column once")
        begins = reader.line_num + 1
        for row in reader:
            begins = reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if any(cell.strip() for cell in row[len(header) :]):
                raise InputError(
                    f"{name}, line {reader.line_num}: {len(row)} cells under {len(header)} "
                    "columns; put text that holds separators in quotes"
                )
            row += [""] * (len(header) - len(row))
            cells = zip(header, row if verbatim else map(unescaped, row), strict=False)
            yield reader.line_num, {column: cell for column, cell in cells if column}
    except csv.Error as error:
        what = f"not a table: {error}; save it as CSV"
        if "field limit" in str(error):
            longest = csv.field_size_limit()
            what = f"a cell of more than {longest:,} characters; is a quote left open before it?"
        line = reader.line_num
        if "unexpected end of data" in str(error):
            line, what = begins, "a quote opens here, or in a line below, and is never closed"
        raise InputError(f"{name}, line {line}: {what}") from None
