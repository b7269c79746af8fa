"""Every command of the documentation is one that the programs have: its subcommands and its options."""

import re
import shlex
import subprocess
import sys
import unittest
from functools import cache
from pathlib import Path

root = Path(__file__).resolve().parents[2]
build = Path(sys.argv.pop())
PROGRAMS = ("pbxbridge", "pbxbridge-sim")
DOCUMENTS = [root / "README.md", root / "CONTRIBUTING.md", root / "SECURITY.md", *root.glob("docs/guides/*.md"),
             *root.glob("deploy/**/*.md"), *root.glob("examples/**/*.md"), root / "docs/performance/method.md"]
END_OF_COMMAND = {"|", ">", "<", ">>", "2>", "&", "&&", ";", "#"}


def code(document: Path):
    """The lines of code, and what stands between backticks within a line."""
    text = document.read_text()
    may_be_code = True  # not within a paragraph, nor a list's
    for line in text.splitlines():
        may_be_code = not line or (may_be_code and line.startswith("    "))
        if may_be_code:
            yield line.strip().removeprefix("$ ")
        else:
            yield from re.findall(r"`([^`]+)`", line)
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        if language in ("", "sh", "console", "bash"):
            yield from block.splitlines()


def words(command: str) -> list[str]:
    try:
        all_words = shlex.split(command, comments=True)
    except ValueError:
        return []
    for end, word in enumerate(all_words):
        if word in END_OF_COMMAND:
            return all_words[:end]
    return all_words


def commands(document: Path, program: str):
    for line in code(document):
        found = words(line)
        if found and found[0].split("/")[-1] == program and len(found) > 1:
            yield found[1:]


@cache
def help_of(program: str, *subcommands: str) -> str:
    ended = subprocess.run([build / program, *subcommands, "--help"], capture_output=True, text=True, check=False)
    return ended.stdout if ended.returncode == 0 else ""


def faults(program: str, arguments: list[str]) -> list[str]:
    """Returns those of these arguments that the program does not know."""
    subcommands: list[str] = []
    text = help_of(program)
    while takes := re.search(r"^Usage: .* (\[SUBCOMMAND\]|SUBCOMMAND)$", text, flags=re.MULTILINE):
        word = next(iter(arguments[len(subcommands):]), "-")
        if word.startswith("-"):
            break
        if not re.search(rf"^  {re.escape(word)} ", text, flags=re.MULTILINE):
            return [word] if takes[1] == "SUBCOMMAND" else []
        subcommands.append(word)
        text = help_of(program, *subcommands)
    options = [word.split("=")[0] for word in arguments if word.startswith("--")]
    return [option for option in options if not re.search(rf"{re.escape(option)}\b", text)]


class Commands(unittest.TestCase):
    def test_are_those_of_the_programs(self):
        tried = 0
        for document in DOCUMENTS:
            for program in PROGRAMS:
                for arguments in commands(document, program):
                    tried += 1
                    with self.subTest(document=str(document.relative_to(root)), command=" ".join(arguments)):
                        self.assertEqual(faults(program, arguments), [])
        self.assertGreater(tried, 50)

    def test_of_dev_are_in_its_help(self):
        text = subprocess.run([root / "dev", "help"], capture_output=True, text=True, check=True).stdout
        for document in DOCUMENTS:
            for arguments in commands(document, "dev"):
                with self.subTest(document=str(document.relative_to(root)), command=" ".join(arguments)):
                    self.assertRegex(text, rf"(?m)^  {re.escape(arguments[0])}\b")


if __name__ == "__main__":
    unittest.main()
