"""The report: tables in Markdown, as docs/performance/tables.md has them, the plots, and every run in JSON."""

import json
import time

from . import places, plots
from .session import Session, Table
from .tables import by_columns


def markdown_table(columns: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "| --- |" + " ---: |" * (len(columns) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def markdown(session: Session, machine: dict[str, str], tables: list[Table]) -> str:
    parts = ["## The machine", "| | |\n| --- | --- |\n" + "\n".join(f"| {k} | {v} |" for k, v in machine.items())]
    for table in tables:
        parts += [f"## {table.title}", markdown_table(table.columns, table.rows), *table.notes]
    for title, runs in (("Runs that failed, and count for nothing", session.failures),
                        ("Runs of pbxbridge in which something was wrong", session.unsound)):
        if runs:
            parts += [f"## {title}", "\n".join(f"- {run}" for run in runs)]
    return "\n\n".join(parts) + "\n"


def write(session: Session, machine: dict[str, str], tables: list[Table], name: str = "report") -> None:
    places.results.mkdir(parents=True, exist_ok=True)
    (places.results / f"{name}.md").write_text(markdown(session, machine, tables))
    plots.write({table.title: by_columns(table.columns, table.rows) for table in tables}, places.results)
    document = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "runs": session.runs, "machine": machine,
                "tables": [vars(table) for table in tables], "failures": session.failures, "unsound": session.unsound,
                "records": session.records}
    (places.results / f"{name}.json").write_text(json.dumps(document, indent=1))
