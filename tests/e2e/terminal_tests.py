"""`top` and `tap` in a real terminal: terminal_tests.py PROGRAMS."""

import re
import shlex
import sys
import tempfile
import unittest
from pathlib import Path

from running_bridge import RunningBridge
from terminal import Terminal
from waiting import eventually

programs = Path(sys.argv[1])
ESCAPE = "\x1b["


def fits(lines: list[str], columns: int, rows: int) -> bool:
    """Returns all lines, none of them cut or broken by the terminal."""
    shown = [line for line in lines if line.strip()]
    return ("All is well" in lines[0] and shown[-1].startswith("q ends") and len(lines) <= rows and
            all(len(line.rstrip()) <= columns for line in lines))


class InATerminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls._directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._directory.cleanup)
        cls.bridge = RunningBridge(programs, Path(cls._directory.name), events_a_second=60)
        cls.addClassCleanup(cls.bridge.end)

    def run_command(self, *words: str, columns: int = 110, environment: dict[str, str] | None = None) -> Terminal:
        terminal = Terminal([str(programs / "pbxbridge"), words[0], "--config", str(self.bridge.configuration),
                             *words[1:]], columns=columns, environment=environment)
        self.addCleanup(terminal.close)
        return terminal

    def top(self, **options) -> Terminal:
        terminal = self.run_command("top", "--address", self.bridge.address, **options)
        terminal.wait_for("ROUTE")
        return terminal

    def test_top_fits_the_window_whatever_its_size(self) -> None:
        terminal = self.top()
        terminal.wait_for("All is well")
        for columns, rows in ((40, 12), (150, 40), (20, 6)):
            terminal.resize(columns, rows)
            eventually(lambda: fits(terminal.lines(), columns, rows), f"it fits {columns} x {rows}:\n{terminal.text()}")

    def test_q_ends_top_and_leaves_the_terminal_as_it_was(self) -> None:
        terminal = self.top()
        terminal.press("q")
        self.assertEqual(terminal.wait_for_end(2), "0")
        self.assertNotIn("All is well", terminal.text())

    def test_an_interrupt_ends_top_and_leaves_the_terminal_as_it_was(self) -> None:
        terminal = self.top()
        terminal.press("C-c")
        terminal.wait_for_end(2)
        self.assertNotIn("All is well", terminal.text())

    def test_top_shows_a_broker_that_stops_and_comes_back(self) -> None:
        terminal = self.top()
        self.bridge.stop_broker()
        try:
            terminal.wait_for("Sink board has been disconnected", 3)
        finally:
            self.bridge.start_broker()
        terminal.wait_for("All is well", 3)

    def test_top_is_in_colour_unless_no_color_is_set(self) -> None:
        self.assertIn(f"{ESCAPE}32m", self.top().text(with_colours=True))
        self.assertNotIn(ESCAPE, self.top(environment={"NO_COLOR": "1"}).text(with_colours=True))

    def test_tap_is_in_colour_unless_no_color_is_set(self) -> None:
        for environment, is_coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            with self.subTest(environment=environment):
                terminal = self.run_command("tap", environment=environment)
                terminal.wait_for("delivered")
                self.assertEqual(f"{ESCAPE}32m" in terminal.text(with_colours=True), is_coloured)

    def test_tap_ends_with_an_interrupt(self) -> None:
        terminal = self.run_command("tap", "--family", "queue")
        terminal.wait_for("accepted")
        terminal.press("C-c")
        self.assertEqual(terminal.wait_for_end(2), "130")

    def export_to(self, reader: str, environment: dict[str, str] | None = None) -> Terminal:
        """Exports the events that wait for a broker that is away."""
        program = shlex.join([str(programs / "pbxbridge"), "spool", "export", "--config", str(self.bridge.configuration)])
        terminal = Terminal(["sh", "-c", f"{program} {reader}"], columns=110,
                            environment=environment)
        self.addCleanup(terminal.close)
        return terminal

    def test_a_long_command_shows_its_progress_and_nothing_of_it_at_the_end(self) -> None:
        self.bridge.stop_broker()
        try:
            eventually(lambda: self.bridge.waiting("board") > 300, "events wait", 60)
            for environment in ({}, {"NO_COLOR": "1"}):
                terminal = self.export_to("| (sleep 1; head -c 50000 >/dev/null; sleep 3; cat >/dev/null)", environment)
                eventually(lambda: re.search(r"\[#+-+\] +\d+ %  [\d,]+ events, [\d,]+/s, \d+ s left", terminal.text()),
                           f"a bar:\n{terminal.text()}", 10)
                self.assertEqual(f"{ESCAPE}32m[#" in terminal.text(with_colours=True), not environment)
                terminal.wait_for_end(30)
                self.assertNotIn("events", terminal.text())
            piped = self.export_to("2>&1 | (sleep 1; grep -c 's left')")
            piped.wait_for("0")
        finally:
            self.bridge.start_broker()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
