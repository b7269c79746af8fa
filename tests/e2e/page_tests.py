"""The status page in a real browser: page_tests.py PROGRAMS AXE.jar SCREENSHOTS."""

import sys
import tempfile
import unittest
from pathlib import Path

from accessibility import Axe
from browser import Browser
from running_bridge import RunningBridge

programs, axe_jar, screenshots = (Path(each) for each in sys.argv[1:4])

SENTENCE = "document.getElementById('sentence').textContent"
EVENT_ROWS = "document.querySelectorAll('#events-table tbody tr').length"
EVENT_TEXTS = "[...document.querySelectorAll('#events-table tbody tr')].map((row) => row.textContent)"


class StatusPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        screenshots.mkdir(parents=True, exist_ok=True)
        cls._directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._directory.cleanup)
        cls.bridge = RunningBridge(programs, Path(cls._directory.name))
        cls.addClassCleanup(cls.bridge.end)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self) -> None:
        self.browser.resize(1280, 900)
        self.browser.use_colours("light")
        self.browser.open(f"http://{self.bridge.address}/")
        self.browser.wait_for("document.getElementById('connection')?.textContent === 'live'")
        self.browser.messages.clear()

    def test_says_that_all_is_well_and_shows_each_part(self) -> None:
        self.assertEqual(self.browser.evaluate(SENTENCE), "All is well.")
        text = self.browser.evaluate("document.body.innerText")
        for part in ("hq", "subscribed", "board", "lake", "queue_events", "every event", "No gap is recorded.",
                     "Live events", "Configuration"):
            self.assertIn(part, text)
        self.browser.wait_for(f"{EVENT_ROWS} > 0")
        self.assertEqual(self.browser.messages, [])
        self.browser.screenshot(screenshots / "page-light.png")

    def test_charts_have_points(self) -> None:
        self.browser.wait_for("charts.size === 6 && [...charts.values()].every((chart) => chart.rows.length >= 3)")
        # Something is drawn: not each pixel of the canvas is the same.
        drawn = """[...document.querySelectorAll('.plot canvas')].filter((canvas) => new Set(
            new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size > 1
            ).length"""
        self.browser.wait_for(f"{drawn} >= 6")

    def test_events_show_their_sinks_and_outcomes_and_no_number(self) -> None:
        self.browser.wait_for(f"{EVENT_TEXTS}.some((text) => text.includes('board: delivered'))")
        self.browser.wait_for(f"{EVENT_TEXTS}.some((text) => text.includes('lake: delivered'))")
        self.browser.wait_for(r"/queue \*+/.test(document.body.innerText)")
        page = self.browser.evaluate("document.body.innerText")
        for number in ("8001", "+4915550100", "secret\""):
            self.assertNotIn(number, page)

    def test_filter_shows_only_what_holds_all_words(self) -> None:
        self.browser.wait_for(f"{EVENT_ROWS} > 5")
        self.browser.evaluate("document.getElementById('events-filter').focus()")
        self.browser.write("BOARD queue")
        self.browser.wait_for(f"{EVENT_ROWS} > 0 && {EVENT_TEXTS}.every((text) => "
                              "text.includes('board') && text.includes('queue'))")
        self.browser.write(" nothing-holds-this")
        self.browser.wait_for(f"{EVENT_ROWS} === 0")

    def test_pause_keeps_the_events_as_they_are_by_keyboard_alone(self) -> None:
        self.browser.wait_for(f"{EVENT_ROWS} > 0")
        self.browser.evaluate("document.getElementById('events-filter').focus()")
        self.browser.press("Tab", 9)
        self.assertEqual(self.browser.evaluate("document.activeElement.id"), "events-pause")
        self.browser.press("Enter", 13, "\r")
        self.assertEqual(self.browser.evaluate("document.getElementById('events-pause').textContent"), "Resume")
        before = self.browser.evaluate(f"{EVENT_TEXTS}.join()")
        point = "charts.values().next().value.rows.length"
        points = self.browser.evaluate(point)
        self.browser.wait_for(f"{point} >= {points} + 3")  # the rest of the page goes on
        self.assertEqual(self.browser.evaluate(f"{EVENT_TEXTS}.join()"), before)
        self.browser.press("Enter", 13, "\r")
        self.browser.wait_for(f"{EVENT_TEXTS}.join() !== {before!r}")

    def test_a_stopped_broker_changes_the_sentence_within_three_seconds_and_back(self) -> None:
        self.bridge.stop_broker()
        try:
            self.browser.wait_for(f"{SENTENCE}.startsWith('Sink board has been disconnected since')", 3)
            self.browser.wait_for(f"{EVENT_TEXTS}.some((text) => text.includes('board: waits'))")
            self.browser.screenshot(screenshots / "page-broker-stopped.png")
        finally:
            self.bridge.start_broker()
        self.browser.wait_for(f"{SENTENCE} === 'All is well.'", 3)

    def test_a_phone_needs_no_sideways_scrolling(self) -> None:
        self.browser.resize(360, 740, mobile=True)
        self.browser.wait_for(f"{EVENT_ROWS} > 5")
        self.browser.evaluate("document.querySelector('details').open = true")
        self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 360)
        self.assertLessEqual(self.browser.evaluate("Math.max(...[...document.querySelectorAll('section > div')]"
                                                   ".map((box) => box.scrollWidth - box.clientWidth))"), 0)
        self.browser.screenshot(screenshots / "page-phone.png")

    def test_axe_finds_nothing_serious(self) -> None:
        axe = Axe(axe_jar)
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360)):
            with self.subTest(scheme=scheme, width=width):
                self.browser.use_colours(scheme)
                self.browser.resize(width, 900)
                self.browser.wait_for(f"{EVENT_ROWS} > 0")
                self.browser.evaluate("document.querySelector('details').open = true")
                if scheme == "dark":
                    self.browser.screenshot(screenshots / "page-dark.png")
                self.assertEqual(axe.serious(self.browser), [])

    def test_without_scripts_it_is_whole_but_for_charts_and_live_events(self) -> None:
        self.browser.use_scripts(False)
        try:
            self.browser.call("Page.navigate", url=f"http://{self.bridge.address}/")
            text = self.browser.wait_for("document.readyState === 'complete' && document.body.innerText")
            for part in ("All is well.", "board", "lake", "Configuration"):
                self.assertIn(part, text)
            self.assertNotIn("Live events", text)
            self.browser.screenshot(screenshots / "page-without-scripts.png")
        finally:
            self.browser.use_scripts(True)

    def test_the_configuration_in_force_is_shown_without_secrets_and_numbers(self) -> None:
        pre = "document.querySelector('#configuration pre').textContent"
        self.assertIn("password: [secret]", self.browser.evaluate(pre))
        self.assertIn("topic: queue_events", self.browser.evaluate(pre))
        self.assertNotIn("8001", self.browser.evaluate(pre))
        self.assertFalse(self.browser.evaluate("document.querySelector('#configuration details').open"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
