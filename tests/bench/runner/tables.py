"""Tables of a report, read back from its JSON or from Markdown, and the figures in their cells."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Figure:
    """A median, with the lowest and the highest of its runs."""
    middle: float
    lowest: float
    highest: float


def figure(cell: str) -> Figure:
    """Reads what `figures.with_spread` writes: `374,251 (343,721–490,196)`, or one number alone."""
    middle, _, spread = cell.replace(",", "").partition(" (")
    lowest, _, highest = spread.removesuffix(")").partition("–")
    return Figure(float(middle), float(lowest or middle), float(highest or middle))


def read(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of each table by its title, each row by its columns; the first column of a comparison has no name."""
    content = path.read_text()
    if path.suffix == ".json":
        return {table["title"]: by_columns(table["columns"], table["rows"]) for table in json.loads(content)["tables"]}
    return read_markdown(content)


def by_columns(columns: list[str], rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def read_markdown(content: str) -> dict[str, list[dict[str, str]]]:
    """The first table below each heading."""
    found: dict[str, list[list[str]]] = {}
    title, ended = "", False
    for line in content.splitlines():
        if line.startswith("#"):
            title, ended = line.lstrip("# "), False
        elif line.startswith("|") and not ended:
            found.setdefault(title, []).append([cell.strip() for cell in line.strip("|").split("|")])
        else:
            ended = title in found
    return {title: by_columns(lines[0], lines[2:]) for title, lines in found.items()}
