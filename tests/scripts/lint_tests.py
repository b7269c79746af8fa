"""./dev lint in a tree that was never built."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(pbxbridge VERSION 9.8.7 LANGUAGES CXX)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_library(version src/version.cpp)
add_custom_target(pbxbridge_commit COMMAND touch ${CMAKE_BINARY_DIR}/commit.hpp)
foreach(program pbxbridge pbxbridge-sim)
  add_custom_target(${program} COMMAND touch ${CMAKE_SOURCE_DIR}/${program})
endforeach()
"""
# A compiler's view of the one source file: what it includes must be there.
CLANG_TIDY = '#!/bin/sh\necho "$*" >>tidied\ntest -e "$2/commit.hpp" || { echo "commit.hpp not found"; exit 1; }\n'


class Lint(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        for file in ("dev", "CMakePresets.json"):
            shutil.copy(root / file, self.directory)
        shutil.copytree(root / "scripts", self.directory / "scripts")
        with (self.directory / "scripts/packages.sh").open("a") as script:
            script.write("need() { return 0; }\n")
        (self.directory / "CMakeLists.txt").write_text(CMAKE)
        (self.directory / "src").mkdir()
        (self.directory / "src/version.cpp").write_text('#include "commit.hpp"\n')
        programs = self.directory / "programs"
        programs.mkdir()
        for name, text in {"clang-tidy": CLANG_TIDY, "clang-format": "#!/bin/sh\n", "shellcheck": "#!/bin/sh\n"}.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"]):
            subprocess.run(["git", *command], cwd=self.directory, check=True)
        self.environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def test_makes_what_a_source_file_includes(self):
        (self.directory / "src/version.cpp").write_text('#include "commit.hpp"  // changed\n')
        for scope in ([], ["--all"]):
            ended = subprocess.run(["./dev", "lint", *scope], cwd=self.directory, env=self.environment,
                                   capture_output=True, text=True, check=False)
            self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
            self.assertIn("src/version.cpp", (self.directory / "tidied").read_text())
            (self.directory / "tidied").unlink()
        for program in ("pbxbridge", "pbxbridge-sim"):
            self.assertTrue((self.directory / program).exists(), "each source is compiled on its own, too")


if __name__ == "__main__":
    unittest.main()
