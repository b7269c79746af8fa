"""The wallboard on what ./dev demo runs: the simulated PBX and pbxbridge with config/demo.yaml: wallboard_demo_tests.py PROGRAMS SCREENSHOTS."""

import os
import signal
import sys
import tempfile
import unittest
from pathlib import Path

from board_broker import BoardBroker, free_port, root
from browser import Browser
from waiting import Child
from wallboard_page import ALL_STALE, LIVE, SENTENCE, texts

programs, screenshots = (Path(each) for each in sys.argv[1:3])


class OfTheDemonstration(unittest.TestCase):
    def setUp(self) -> None:
        screenshots.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.pbx_port = free_port()
        self.broker = BoardBroker(self.directory)
        self.addCleanup(self.broker.end)
        self.start_pbx()
        self.start_bridge()
        self.browser = Browser()
        self.addCleanup(self.browser.close)
        self.browser.resize(1920, 1080)
        self.browser.use_colours("dark")
        self.browser.open(self.broker.page())
        self.browser.wait_for(f"{LIVE} && {texts('queues')}.length === 3 && {texts('agents')}.length > 3"
                              f" && {texts('extensions')}.length === 8")

    def start(self, name: str, *command: str, **environment: str) -> Child:
        child = Child([str(programs / command[0]), *command[1:]], self.directory / f"{name}.log", environment)
        self.addCleanup(child.end)
        return child

    def start_pbx(self) -> None:
        self.pbx = self.start("pbx", "pbxbridge-sim", "--listen", f"127.0.0.1:{self.pbx_port}", "--rate", "5")
        self.pbx.wait_for("ws://")

    def start_bridge(self) -> None:
        self.bridge = self.start("pbxbridge", "pbxbridge", "run", "--config", str(root / "config/demo.yaml"),
                                 PBX_URL=f"ws://127.0.0.1:{self.pbx_port}/wsi", MQTT_URL=f"mqtt://127.0.0.1:{self.broker.port}",
                                 ADMIN_LISTEN="127.0.0.1:0", PBXBRIDGE_SPOOL=str(self.directory / "spool"))
        self.bridge.wait_for("admin.listening")

    def test_shows_what_is_and_changes_with_it(self) -> None:
        before = self.browser.evaluate(f"{texts('queues')}.join().match(/entered \\d+/g).join()")
        self.browser.wait_for(f"{texts('queues')}.join().match(/entered \\d+/g).join() !== {before!r}", 60)
        self.browser.wait_for(LIVE)
        self.assertEqual(self.browser.messages, [])
        self.browser.screenshot(screenshots / "wallboard.png", whole_page=False)
        self.browser.use_colours("light")
        self.browser.resize(360, 740, mobile=True)
        self.browser.screenshot(screenshots / "wallboard-phone.png", whole_page=False)

    def test_is_grey_while_the_pbx_is_gone(self) -> None:
        self.pbx.end()
        self.browser.wait_for(f"/^PBX demo has been disconnected since \\d\\d:\\d\\d:\\d\\d\\./.test({SENTENCE})", 10)
        self.browser.wait_for(ALL_STALE)
        self.browser.screenshot(screenshots / "wallboard-pbx-gone.png", whole_page=False)
        self.start_pbx()
        self.browser.wait_for(LIVE, 60)

    def test_is_grey_when_pbxbridge_is_killed(self) -> None:
        os.killpg(self.bridge.process.pid, signal.SIGKILL)
        self.browser.wait_for(f"/^pbxbridge has been disconnected from the broker since \\d\\d:/.test({SENTENCE})", 10)
        self.browser.wait_for(ALL_STALE)
        self.bridge.process.wait()
        self.start_bridge()
        self.browser.wait_for(LIVE, 60)

    def test_is_grey_while_the_broker_is_gone(self) -> None:
        self.broker.stop()
        self.browser.wait_for(f"/^The broker .* has been out of reach since \\d\\d:/.test({SENTENCE})", 10)
        self.browser.wait_for(ALL_STALE)
        self.browser.screenshot(screenshots / "wallboard-broker-gone.png", whole_page=False)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
