"""scripts/report-tests on real runs of ctest: what it names, what it counts, and when it fails."""

import pathlib
import re
import subprocess
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 'SKIP_REGULAR_EXPRESSION "\\\\[  SKIPPED \\\\]"'  # as gtest_discover_tests sets it


class Report(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def run_tests(self, **commands: str) -> pathlib.Path:
        """The log of a run of these tests, each of up to three tries."""
        lines = []
        for name, command in commands.items():
            lines += [f"add_test({name} sh -c [[{command}]])", f"set_tests_properties({name} PROPERTIES {SKIPPED})"]
        (self.directory / "CTestTestfile.cmake").write_text("\n".join(lines))
        log = self.directory / "log"
        subprocess.run(["ctest", "--test-dir", self.directory, "--output-on-failure", "--output-log", log,
                        "--repeat", "until-pass:3"], capture_output=True, check=False)
        return log

    def passes_at_second_try(self, name: str) -> str:
        mark = self.directory / name
        return f"test -e {mark} || {{ touch {mark}; exit 1; }}"

    def report(self, *logs: pathlib.Path) -> tuple[int, list[str]]:
        ended = subprocess.run([root / "scripts/report-tests", *logs], capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout.splitlines()

    def test_counts_a_skipped_test_as_skipped(self):
        code, lines = self.report(self.run_tests(sound="true", rootless="echo '[  SKIPPED ] needs root'"))
        self.assertEqual(code, 0)
        self.assertEqual(lines[-2:], ["1 skipped", "1 passed, 0 failed"])
        self.assertIn("  rootless", lines)

    def test_counts_more_than_nine(self):
        """ctest puts its own counts in columns."""
        repeated = self.passes_at_second_try("repeated")
        code, lines = self.report(self.run_tests(broken="echo the cause; exit 1", rootless="echo '[  SKIPPED ]'",
                                                 repeated=repeated, **{f"sound{each}": "true" for each in range(10)}))
        self.assertEqual((code, lines[-2:]), (1, ["1 skipped", "11 passed, 1 failed"]))
        self.assertIn("  the cause", lines)
        self.assertIn("  repeated (Failed)", lines)

    def test_shows_the_end_of_what_a_failed_test_wrote(self):
        code, lines = self.report(self.run_tests(broken="seq 1000; echo the cause; exit 1", sound="true"))
        self.assertEqual(code, 1)
        self.assertEqual(lines[-3:], ["  the cause", "0 skipped", "1 passed, 1 failed"])
        self.assertNotIn("  900", lines)

    def test_names_a_test_that_needed_another_try(self):
        code, lines = self.report(self.run_tests(busy=self.passes_at_second_try("busy")))
        self.assertEqual(code, 0)
        self.assertIn("  busy (Failed)", lines)
        self.assertEqual(lines[-1], "1 passed, 0 failed")

    def test_fails_where_three_needed_another_try(self):
        log = self.run_tests(**{name: self.passes_at_second_try(name) for name in ("one", "two", "three")})
        code, lines = self.report(log)
        self.assertEqual((code, lines[-1]), (1, "3 passed, 0 failed"))

    def test_tells_tests_of_one_name_apart(self):
        """Two instances of a parameterized test may share a name: their parameters print alike."""
        log = self.run_tests(**{name: "true" for name in ("one", "two", "thr")})
        log.write_text(re.sub("one|two|thr", "all", log.read_text()))
        self.assertEqual(self.report(log), (0, ["0 skipped", "3 passed, 0 failed"]))

    def test_fails_where_a_run_did_not_end(self):
        log = self.run_tests(sound="true")
        torn = self.directory / "torn"
        torn.write_text(log.read_text().partition("tests passed")[0])
        code, lines = self.report(log, torn)
        self.assertEqual(code, 1)
        self.assertIn(f"  {torn}", lines)

    def test_adds_up_all_runs(self):
        log = self.run_tests(sound="true")
        self.assertEqual(self.report(log, log), (0, ["0 skipped", "2 passed, 0 failed"]))


if __name__ == "__main__":
    unittest.main()
