"""./dev release in a repository whose steps are short: the table, the notes, the exit codes."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
CHANGELOG = """# Changelog

## [Unreleased]: 9.8.7

### Added

- The first thing.

## [9.8.6] - 2026-01-01

- An old thing.
"""


class Release(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        shutil.copy(root / "dev", self.directory)
        shutil.copytree(root / "scripts", self.directory / "scripts")
        (self.directory / "CMakeLists.txt").write_text("project(pbxbridge VERSION 9.8.7 LANGUAGES CXX)\n")
        (self.directory / "CHANGELOG.md").write_text(CHANGELOG)
        (self.directory / ".gitignore").write_text("/build/\n")
        self.replace("lint", 'dev_lint() { echo "linted $*"; }')
        for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"]):
            subprocess.run(["git", *command], cwd=self.directory, check=True)

    def replace(self, script: str, text: str):
        (self.directory / f"scripts/{script}.sh").write_text(text)

    def release(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["./dev", "release", *arguments], cwd=self.directory, capture_output=True, text=True,
                              check=False)

    def rows(self, output: str) -> dict[str, str]:
        cells = [line.split(" | ") for line in output.splitlines() if line.startswith("| ")]
        return {row[0].removeprefix("| "): row[1] for row in cells}

    def test_without_all_steps_is_incomplete(self):
        ended = self.release("--only", "tree,lint,notes")
        rows = self.rows(ended.stdout)
        self.assertEqual(ended.returncode, 2, ended.stdout + ended.stderr)
        self.assertEqual(rows["lint"], "passed")
        self.assertEqual(rows["tree"], "passed")
        self.assertEqual(rows["tests"], "not run: not asked for")
        self.assertIn("9.8.7 is not to be tagged yet", ended.stdout)
        self.assertEqual((self.directory / "build/log/release-lint.log").read_text(), "linted --all\n")

    def test_writes_the_section_of_the_version_as_notes(self):
        ended = self.release("--only", "notes")
        self.assertEqual(self.rows(ended.stdout)["notes"], "passed: build/notes-9.8.7.md")
        self.assertEqual((self.directory / "build/notes-9.8.7.md").read_text(), "### Added\n\n- The first thing.\n")

    def test_goes_on_after_a_failure(self):
        self.replace("lint", 'dev_lint() { fail "wrong"; }')
        ended = self.release("--only", "tree,lint,notes")
        rows = self.rows(ended.stdout)
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(rows["lint"], "FAILED: build/log/release-lint.log")
        self.assertEqual(rows["tree"], "FAILED: build/log/release-tree.log", "a script differs from the commit")
        self.assertEqual(rows["notes"], "passed: build/notes-9.8.7.md")
        self.assertIn("failed: tree lint", ended.stderr)

    def test_says_what_the_machine_lacks(self):
        self.replace("image", 'program_version() { echo 9.8.7; }\nfind_engine() { return 1; }')
        ended = self.release("--only", "image")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("not run: no container engine answers", self.rows(ended.stdout)["image"])

    def test_counts_skipped_tests_as_not_run(self):
        log = "\n".join(["1/2 Test #1: A ....   Passed    0.01 sec", "2/2 Test #2: B ....***Skipped   0.01 sec",
                         "100% tests passed, 0 tests failed out of 2"])
        self.replace("test", f"dev_test() {{ cat >build/log/test-release.log <<'END'\n{log}\nEND\n}}")
        ended = self.release("--only", "tests")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("not run in part: 1 skipped", self.rows(ended.stdout)["tests"])

    def test_counts_what_a_machine_could_not_try_as_not_run(self):
        self.replace("image", 'program_version() { echo 9.8.7; }\nfind_engine() { return 0; }')
        self.replace("packages", "need() { return 0; }")
        self.replace("test", 'dev_test() { echo "  not tried: the service under systemd, for a reason"; }')
        ended = self.release("--only", "deploy")
        self.assertEqual(ended.returncode, 2, ended.stdout + ended.stderr)
        self.assertEqual(self.rows(ended.stdout)["deploy"], "not run in part: not tried: the service under systemd, for a reason")

    def test_compares_two_builds_of_the_image(self):
        self.replace("packages", "need() { return 0; }")
        builds = """
          builds=0
          find_engine() { return 0; }
          prepare_engine() { return 0; }
          build_image() { echo "building $*"; builds=$((builds + 1)); }
          make_image() { return 0; }
        """
        image = (root / "scripts/image.sh").read_text() + builds
        for layers, result in (("one", "passed"), ("$builds", "FAILED: build/log/release-image.log")):
            self.replace("image", f'{image}\nimage_layers() {{ echo "{layers}"; }}')
            rows = self.rows(self.release("--only", "image").stdout)
            said = (self.directory / "build/log/release-image.log").read_text()
            self.assertEqual(rows["image"], result, said)
            self.assertEqual(said.count("building pbxbridge --no-cache"), 2)
        self.assertIn("different files: 1 and 2", said)

    def test_without_a_section_fails(self):
        (self.directory / "CHANGELOG.md").write_text("# Changelog\n")
        ended = self.release("--only", "notes")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("no section", (self.directory / "build/log/release-notes.log").read_text())

    def test_knows_its_steps(self):
        ended = self.release("--only", "lint,tsets")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("there is no step 'tsets'", ended.stderr)


if __name__ == "__main__":
    unittest.main()
