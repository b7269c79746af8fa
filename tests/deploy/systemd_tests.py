"""The unit of deploy/systemd: systemd finds no fault in it, and its exposure is below 2.0. Argument: the program.

That it starts so is in service_test.sh.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
program = pathlib.Path(sys.argv.pop(1)).resolve()


def analyze(unit: str, *arguments: str) -> str:
    """Returns what systemd-analyze prints of the unit, with the built program in place of the installed one."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "pbxbridge.service"
        path.write_text(unit.replace("/usr/bin/pbxbridge", str(program)))
        ended = subprocess.run(["systemd-analyze", "--no-pager", *arguments, str(path)],
                               capture_output=True, text=True, check=False)
        return ended.stdout + ended.stderr


class Systemd(unittest.TestCase):
    def setUp(self):
        self.unit = (root / "deploy/systemd/pbxbridge.service").read_text()

    def test_systemd_finds_no_fault(self):
        self.assertEqual(analyze(self.unit, "--man=no", "verify"), "")

    def test_a_fault_is_found(self):
        for right, wrong in (("WatchdogSec=", "WatchDogSec="), ("ExecStart=", "ExecStart=/no/such"), ("=strict", "=very")):
            self.assertNotEqual(analyze(self.unit.replace(right, wrong), "--man=no", "verify"), "", wrong)

    def test_its_exposure_is_as_the_guide_says(self):
        exposure = re.search(r"exposure level for pbxbridge.service: ([\d.]+)",
                             analyze(self.unit, "security", "--offline=true"))[1]
        print("systemd-analyze security:", exposure)
        self.assertLess(float(exposure), 2.0)
        self.assertIn(f"systemd-analyze security: {exposure}", (root / "docs/guides/deploying.md").read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
