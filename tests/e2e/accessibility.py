"""axe-core in a page: what it holds against it."""

import zipfile
from pathlib import Path

from browser import Browser

RUN = ("axe.run().then(({passes, violations}) => ({passes: passes.length, violations: violations.map("
       "({id, impact, nodes}) => ({id, impact, nodes: nodes.map((node) => node.failureSummary)}))}))")


class Axe:
    def __init__(self, jar: Path) -> None:
        with zipfile.ZipFile(jar) as files:
            self._script = files.read(next(each for each in files.namelist() if each.endswith("axe.min.js"))).decode()

    def violations(self, browser: Browser) -> list[dict]:
        browser.evaluate(self._script + ";undefined")
        result = browser.evaluate(RUN)
        if result["passes"] <= 15:
            raise AssertionError(f"axe looked at almost nothing: {result}")
        return result["violations"]

    def serious(self, browser: Browser) -> list[dict]:
        return [each for each in self.violations(browser) if each["impact"] in ("serious", "critical")]
