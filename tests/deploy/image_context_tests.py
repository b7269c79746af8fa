"""What the build of the programs reads is in the context of the image's build. Argument: a configured build tree.

The image's builder compiles for minutes, and one that lacks a folder may still give programs: with something missing in them.
"""

import fnmatch
import pathlib
import re
import subprocess
import sys
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
build = pathlib.Path(sys.argv.pop(1)).resolve()


def in_context(path: str, patterns: list[str]) -> bool:
    """As .dockerignore says: the last pattern counts that matches the path, or a directory above it."""
    kept = True
    parts = path.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    for pattern in patterns:
        name = pattern.removeprefix("!").strip("/")
        if any(each.count("/") == name.count("/") and fnmatch.fnmatchcase(each, name) for each in above):
            kept = pattern.startswith("!")
    return kept


def read_by_the_build() -> list[str]:
    """Paths within the repository: sources, what is made into sources, and what CMake reads."""
    ended = subprocess.run(["ninja", "-C", str(build), "-t", "inputs", "pbxbridge", "pbxbridge-sim", "build.ninja"],
                           capture_output=True, text=True, check=True)
    paths = [(build / line).resolve() for line in ended.stdout.splitlines()]
    for together in [path for path in paths if path.parent.name == "Unity" and path.suffix == ".cxx"]:  # compiled as one: it includes each
        paths += map(pathlib.Path, re.findall(r'^#include "(.+)"', together.read_text(), flags=re.MULTILINE))
    return [str(path.relative_to(root)) for path in paths if path.is_relative_to(root) and not path.is_relative_to(build)]


class Context(unittest.TestCase):
    def setUp(self):
        lines = (root / ".dockerignore").read_text().splitlines()
        self.patterns = [line for line in lines if line and not line.startswith("#")]

    def test_has_what_the_build_reads(self):
        paths = read_by_the_build()
        self.assertGreater(len(paths), 300)
        self.assertEqual([path for path in paths if not in_context(path, self.patterns)], [])

    def test_has_what_the_dockerfile_copies(self):
        dockerfile = (root / "deploy/docker/Dockerfile").read_text()
        for sources in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, flags=re.MULTILINE):
            for path in set(sources.split()) - {"."}:
                self.assertTrue((root / path).exists() and in_context(path, self.patterns), path)

    def test_has_neither_secrets_nor_what_was_built(self):
        for path in (".git/config", ".cache/kafka/x.jar", "build/release/pbxbridge", "pbx_password"):
            self.assertFalse(in_context(path, self.patterns), path)

    def test_patterns_count_as_those_of_docker(self):
        patterns = ["*", "!docs/schemas", "docs/schemas/old"]
        self.assertTrue(in_context("docs/schemas/a.json", patterns))
        self.assertFalse(in_context("docs/README.md", patterns))
        self.assertFalse(in_context("docs/schemas/old/a.json", patterns))


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
