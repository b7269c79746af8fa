"""examples/wallboard in a real browser, on a real mosquitto that has the documents: wallboard_tests.py AXE.jar SCREENSHOTS."""

import hashlib
import re
import sys
import tempfile
import time
import unittest
from pathlib import Path

from accessibility import Axe
from board_broker import BoardBroker, root
from browser import Browser
from wallboard_page import ALL_STALE, LIVE, SENTENCE, texts, tile_with

axe_jar, screenshots = (Path(each) for each in sys.argv[1:3])

INJECTION = "<img src=x onerror=\"document.title='taken'\"> O'Brien & \u202eSons"


def link(state: str = "streaming", pbx: str = "hq", since: str = "2026-11-29T08:00:00.000Z") -> dict:
    return {"event_type": "bridge_link", "pbx": pbx, "state": state, "since": since, "epoch": 1,
            "subscriptions_granted": 3, "subscriptions_refused": 0, "subscriptions_silent": 0}


def queue(number: str, name: str, pbx: str = "hq", **values) -> dict:
    return {"event_type": "state_queue", "pbx": pbx, "tenant": "example.test", "queue_id": f"71000000000000{number}",
            "queue_number": number, "name": name, "waiting": 0, "callbacks": 0, "longest_wait_since": 0,
            "agents_ready": 2, "agents_queue_call": 1, "agents_wrap_up": 0, "agents_other_call": 0, "agents_not_ready": 1,
            "agents_logged_out": 0, "agents_offline": 0, "entered": 42, "answered": 39, "abandoned": 3, "overflowed": 0,
            "called_back": 1, "sla_breached": 0, "updated": 1795948800, "event_id": "4711-42"} | values


def agent(extension: str, name: str, state: str, queue_number: str = "8001", **values) -> dict:
    return {"event_type": "state_agent", "pbx": "hq", "tenant": "example.test", "queue_id": f"71000000000000{queue_number}",
            "queue_number": queue_number, "queue_name": "Sales", "extension": extension, "name": name, "state": state,
            "since": int(time.time()) - 75, "session": "", "updated": 1795948800, "event_id": "4711-43"} | values


def extension(number: str, name: str, state: str, **values) -> dict:
    return {"event_type": "state_extension", "pbx": "hq", "tenant": "example.test", "extension": number,
            "extension_id": f"81{number}", "name": name, "state": state, "online": state != "offline", "push_online": False,
            "presence": "ONLINE", "presence_note": "", "call_status": "", "since": int(time.time()) - 4000,
            "updated": 1795948800, "event_id": "4711-44"} | values


class Wallboard(unittest.TestCase):
    def setUp(self) -> None:
        screenshots.mkdir(parents=True, exist_ok=True)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.broker = BoardBroker(Path(directory.name))
        self.addCleanup(self.broker.end)
        self.publisher = self.publish_everything()
        self.browser = Browser()
        self.addCleanup(self.browser.close)
        self.browser.resize(1280, 900)
        self.browser.use_colours("light")
        self.browser.open(self.broker.page())
        self.browser.wait_for(LIVE)

    def publish_everything(self):
        publisher = self.broker.stay_until_killed("pbxbridge/board/status")
        self.broker.publish("pbx/hq/bridge_link", link())
        self.publish_queue("8001", "Sales", waiting=3, longest_wait_since=int(time.time()) - 185)
        self.publish_queue("8002", "Support")
        for document in (agent("101", "Alice", "ready"), agent("102", "", "queue_call"), agent("103", "Carol", "not_ready")):
            self.broker.publish(f"pbx/hq/state_agent/8001.{document['extension']}", document)
        for document in (extension("101", "Alice", "available"), extension("102", "Bob", "on_call"),
                         extension("103", "Carol", "do_not_disturb", presence_note="back at ten"),
                         extension("104", "Dave", "offline")):
            self.broker.publish(f"pbx/hq/state_extension/{document['extension']}", document)
        return publisher

    def publish_queue(self, number: str, name: str, pbx: str = "hq", **values) -> None:
        self.broker.publish(f"pbx/{pbx}/state_queue/{number}", queue(number, name, pbx, **values))

    def is_stale(self, part: str, text: str) -> bool:
        return self.browser.evaluate(f"{tile_with(part, text)}.classList.contains('stale')")

    def assert_all_stale(self) -> None:
        self.browser.wait_for(ALL_STALE)

    def test_shows_queues_agents_and_extensions(self) -> None:
        self.browser.wait_for(f"{texts('queues')}.length === 2 && {texts('agents')}.length === 3"
                              f" && {texts('extensions')}.length === 4")
        sales, support = self.browser.evaluate(texts("queues"))
        self.assertRegex(sales, r"^Sales 8001 waiting 3 longest wait 3:\d\d ! agents ready 2 .*entered 42 answered 39")
        self.assertRegex(support, r"^Support 8002 waiting 0 longest wait – ")
        alice, _, carol = self.browser.evaluate(texts("extensions"))[:3]
        self.assertRegex(alice, r"^Alice 101 available 1:0[67]:\d\d$")
        self.assertRegex(carol, r"^Carol 103 do not disturb \(back at ten\)")
        self.assertTrue(any(re.match(r"102 in a queue call 1:\d\d$", each) for each in self.browser.evaluate(texts("agents"))))
        self.assertEqual(self.browser.evaluate("document.querySelector('#agents h3').textContent"), "Sales 8001")
        self.assertEqual(self.browser.messages, [])

    def test_waiting_times_tick(self) -> None:
        longest = f"{tile_with('queues', 'Sales')}.querySelector('.main').innerText"
        before = self.browser.evaluate(longest)
        self.browser.wait_for(f"{longest} !== {before!r}", 5)

    def test_a_pbx_whose_clock_is_ahead_has_waiting_times_all_the_same(self) -> None:
        ahead = int(time.time()) + 3600
        self.publish_queue("8002", "Support", waiting=1, longest_wait_since=ahead - 30)
        self.broker.publish("pbx/hq/state_agent/8001.101", agent("101", "Alice", "ready", since=ahead))
        self.browser.wait_for(f"/longest wait 0:3\\d /.test({tile_with('queues', 'Support')}.innerText.replace(/\\s+/g, ' '))", 5)

    def test_a_time_that_no_clock_shows_spoils_no_other(self) -> None:
        begun = int(time.time()) - 30
        self.broker.publish("pbx/hq/state_agent/8001.101", agent("101", "Alice", "ready", since=begun * 1000))
        self.publish_queue("8001", "Sales", waiting=1, longest_wait_since="soon")
        self.publish_queue("8002", "Support", waiting=1, longest_wait_since=begun)
        self.browser.wait_for(f"/longest wait 0:[3-5]\\d /.test({tile_with('queues', 'Support')}.innerText.replace(/\\s+/g, ' '))", 5)
        self.assertRegex(self.browser.evaluate(f"{tile_with('agents', 'Alice')}.innerText"), r"ready\s+–$")
        self.assertIn("–", self.browser.evaluate(f"{tile_with('queues', 'Sales')}.innerText"))

    def test_a_changed_document_changes_its_tile_and_an_empty_one_takes_it_away(self) -> None:
        self.publish_queue("8002", "Support", waiting=7)
        self.browser.wait_for(f"{texts('queues')}.some((text) => / waiting 7 /.test(text))", 3)
        self.broker.publish("pbx/hq/state_queue/8002", None)
        self.broker.publish("pbx/hq/state_agent/8001.101", None)
        self.broker.publish("pbx/hq/state_extension/104", None)
        self.browser.wait_for(f"{texts('queues')}.length === 1 && {texts('agents')}.length === 2"
                              f" && {texts('extensions')}.length === 3", 3)

    def test_names_are_text_and_nothing_else(self) -> None:
        self.publish_queue("8003", INJECTION)
        self.broker.publish("pbx/hq/state_agent/8001.103", agent("103", INJECTION, INJECTION, queue_name=INJECTION))
        self.broker.publish("pbx/hq/state_extension/103", extension("103", INJECTION, "available", presence_note=INJECTION))
        self.broker.publish("pbx/hq/bridge_link", link("lost", pbx="hq"))
        self.broker.publish("pbx/evil/bridge_link", link("lost", pbx=INJECTION))
        self.browser.wait_for(f"{SENTENCE}.includes('<img src=x')", 3)
        for part in ("queues", "agents", "extensions"):
            self.browser.wait_for(f"{texts(part)}.some((text) => text.includes('<img src=x'))", 3)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('img, script:not([src])').length"), 0)
        self.assertEqual(self.browser.evaluate("document.title"), "Wallboard")

    def test_what_is_no_state_is_counted_and_takes_nothing_else_along(self) -> None:
        for number, text in enumerate(("{", "[]", "null", "7", '{"event_type": "constructor"}')):
            self.broker.publish(f"pbx/hq/state_queue/odd{number}", text)
        self.browser.wait_for("document.getElementById('unreadable').innerText.startsWith('5 messages')", 3)
        self.assertEqual(self.browser.evaluate(f"{texts('queues')}.length"), 2)
        self.assertTrue(self.browser.evaluate(LIVE))

    def test_a_lost_pbx_greys_out_its_own_and_no_other(self) -> None:
        self.broker.publish("pbx/branch/bridge_link", link(pbx="branch"))
        self.publish_queue("9001", "Night", pbx="branch")
        self.browser.wait_for(f"{texts('queues')}.length === 3", 3)
        self.broker.publish("pbx/hq/bridge_link", link("lost", since="2026-11-29T09:30:15.123Z"))
        self.browser.wait_for(f"{SENTENCE}.startsWith('PBX hq has been disconnected since ')", 3)
        self.assertIn("grey", self.browser.evaluate(SENTENCE))
        self.assertTrue(self.is_stale("queues", "Sales"))
        self.assertTrue(self.is_stale("extensions", "Alice"))
        self.assertFalse(self.is_stale("queues", "Night"))
        # A time that ticks would be a lie.
        self.assertRegex(self.browser.evaluate(f"{tile_with('queues', 'Sales')}.innerText"), r"since \d\d:\d\d:\d\d")
        self.broker.publish("pbx/hq/bridge_link", link("refused"))
        self.browser.wait_for(f"{SENTENCE}.startsWith('PBX hq has rejected pbxbridge since ')", 3)
        self.broker.publish("pbx/hq/bridge_link", link())
        self.browser.wait_for(LIVE, 3)
        self.assertFalse(self.is_stale("queues", "Sales"))

    def test_a_pbx_of_which_no_link_is_known_is_grey(self) -> None:
        self.broker.publish("pbx/hq/bridge_link", None)
        self.browser.wait_for(f"{SENTENCE}.startsWith('Nothing says whether PBX hq is connected')", 3)
        self.assert_all_stale()

    def test_the_will_greys_out_everything(self) -> None:
        self.publisher.process.kill()
        self.browser.wait_for(f"{SENTENCE}.startsWith('pbxbridge has been disconnected from the broker since ')", 5)
        self.assert_all_stale()
        self.assertNotIn("before", self.browser.evaluate(SENTENCE).split(".")[0])
        # A page that comes later cannot know since when.
        self.browser.open(self.broker.page())
        self.browser.wait_for(f"{SENTENCE}.startsWith('pbxbridge has been disconnected from the broker since before ')", 5)

    def test_a_broker_that_knows_no_status_shows_no_state_as_true(self) -> None:
        self.browser.open(self.broker.page("?status=pbxbridge/other/status"))
        self.browser.wait_for(f"{SENTENCE}.includes('the broker has no pbxbridge/other/status')", 5)
        self.assert_all_stale()

    def test_a_broker_that_ends_greys_out_everything_and_what_it_forgot_is_gone(self) -> None:
        self.browser.wait_for(f"{texts('queues')}.length === 2")
        self.broker.stop()
        self.browser.wait_for(f"{SENTENCE}.startsWith('The broker ws://127.0.0.1:')", 5)
        self.assertRegex(self.browser.evaluate(SENTENCE), r"has been out of reach since \d\d:\d\d:\d\d\.")
        self.assert_all_stale()
        self.publisher.process.kill()
        self.broker.start()  # without what it retained
        self.broker.stay_until_killed("pbxbridge/board/status")
        self.broker.publish("pbx/hq/bridge_link", link())
        self.publish_queue("8002", "Support")
        self.browser.wait_for(f"{LIVE} && {texts('queues')}.length === 1 && {texts('agents')}.length === 0", 10)

    def test_a_broker_that_is_silent_is_noticed(self) -> None:
        self.broker.freeze()
        try:
            self.browser.wait_for(f"{SENTENCE}.includes('has been out of reach since')", 12)
            self.assert_all_stale()
        finally:
            self.broker.thaw()
        self.browser.wait_for(LIVE, 10)

    def test_a_broker_that_was_never_there_is_named(self) -> None:
        self.browser.open(self.broker.page("?broker=ws://127.0.0.1:1"))
        self.browser.wait_for(f"{SENTENCE}.startsWith('The broker ws://127.0.0.1:1 has been out of reach since ')", 8)

    def test_a_prefix_that_is_none_is_named(self) -> None:
        self.browser.open(self.broker.page("?prefix=pbx/%23/x"))
        self.browser.wait_for(f"{SENTENCE}.includes('Invalid topic pbx/#/x')", 5)

    def test_parameters_choose_the_pbx_and_the_parts(self) -> None:
        self.broker.publish("pbx/branch/bridge_link", link("lost", pbx="branch"))
        self.publish_queue("9001", "Night", pbx="branch")
        self.browser.open(self.broker.page("?prefix=pbx/hq&show=queues"))
        self.browser.wait_for(f"{LIVE} && {texts('queues')}.length === 2")
        self.assertEqual(self.browser.evaluate("document.getElementById('agents').hidden"), True)
        self.assertEqual(self.browser.evaluate(f"{texts('agents')}.length"), 0)

    def test_a_phone_needs_no_sideways_scrolling(self) -> None:
        self.publish_queue("8003", "A" * 80, waiting=123, longest_wait_since=int(time.time()) - 360000)
        self.broker.publish("pbx/hq/state_extension/105", extension("105", "B" * 80, "available"))
        for stale in (False, True):
            with self.subTest(stale=stale):
                self.browser.resize(360, 740, mobile=True)
                self.browser.wait_for(f"{texts('queues')}.length === 3 && {texts('extensions')}.length === 5")
                self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 360)
                self.assertLessEqual(self.browser.evaluate("Math.max(...[...document.querySelectorAll('.tile *')]"
                                                           ".map((box) => box.getBoundingClientRect().right))"), 360 - 16)
                self.browser.screenshot(screenshots / f"wallboard-phone{'-stale' if stale else ''}.png")
                if not stale:
                    self.publisher.process.kill()
                    self.assert_all_stale()

    def test_it_needs_no_web_server(self) -> None:
        self.browser.open(f"file://{root}/examples/wallboard/index.html?broker=ws://127.0.0.1:{self.broker.websocket_port}")
        self.browser.wait_for(f"{LIVE} && {texts('queues')}.length === 2")
        self.assertEqual(self.browser.messages, [])

    def test_each_part_is_reached_by_keyboard_alone(self) -> None:
        for part in ("queues", "agents", "extensions"):
            self.browser.press("Tab", 9)
            self.assertEqual(self.browser.evaluate("document.activeElement.hash"), f"#{part}")
        self.browser.press("Enter", 13, "\r")
        self.browser.wait_for("document.activeElement.id === 'extensions'")
        self.assertEqual(self.browser.evaluate("location.hash"), "")  # which may hold the account

    def test_axe_finds_nothing(self) -> None:
        axe = Axe(axe_jar)
        for stale in (False, True):
            for scheme, width in (("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)):
                with self.subTest(scheme=scheme, width=width, stale=stale):
                    self.browser.use_colours(scheme)
                    self.browser.resize(width, 900)
                    self.assertEqual(axe.violations(self.browser), [])
            self.publisher.process.kill()
            self.assert_all_stale()


class WithAccounts(unittest.TestCase):
    def test_a_broker_that_rejects_the_account_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            passwords = Path(directory) / "passwords"
            passwords.write_text("")
            broker = BoardBroker(Path(directory), f"password_file {passwords}\nallow_anonymous false")
            self.addCleanup(broker.end)
            browser = Browser()
            self.addCleanup(browser.close)
            browser.open(broker.page("#username=board&password=wrong"))
            browser.wait_for(f"/has rejected this page since .*not authorized/i.test({SENTENCE})", 8)


class Library(unittest.TestCase):
    def test_is_as_its_publisher_has_it(self) -> None:
        folder = root / "examples/wallboard/vendor"
        for name, expected in re.findall(r"^\| `([\w.]+)` \| `([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.M):
            self.assertEqual(hashlib.sha256((folder / name).read_bytes()).hexdigest(), expected, name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
