"""A real terminal, of tmux: its window has a size, keys are pressed, and what it shows is read."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from waiting import eventually


class Terminal:
    def __init__(self, command: list[str], columns: int = 100, rows: int = 30, environment: dict[str, str] | None = None):
        self._directory = tempfile.TemporaryDirectory()
        self._socket = str(Path(self._directory.name) / "tmux")
        # A session that stays when its command has ended, to be asked for how.
        variables = {k: v for k, v in os.environ.items() if k not in ("TMUX", "NO_COLOR")}
        subprocess.run(["tmux", "-S", self._socket, "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y",
                        str(rows), "sleep 86400"], check=True, env=variables | {"TERM": "xterm-256color"})
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        self._tmux("set-option", "-g", "status", "off")
        # tmux itself now and then never learns the exit code. An interrupt is for the command, and not for its shell.
        self._exit_code = Path(self._directory.name) / "exit-code"
        script = f"trap : INT; {shlex.join(command)}; echo $? >{shlex.quote(str(self._exit_code))}"
        self._tmux("respawn-pane", "-k", *[f"-e{name}={value}" for name, value in (environment or {}).items()],
                   shlex.join(["sh", "-c", script]))

    def close(self) -> None:
        self._tmux("kill-server")
        self._directory.cleanup()

    def _tmux(self, *words: str) -> str:
        return subprocess.run(["tmux", "-S", self._socket, *words], check=True, capture_output=True, text=True).stdout

    def lines(self, with_colours: bool = False) -> list[str]:
        """Returns what is shown; a line that was broken for want of columns is one."""
        return self._tmux("capture-pane", "-p", "-J", *(["-e"] if with_colours else [])).splitlines()

    def text(self, with_colours: bool = False) -> str:
        return "\n".join(self.lines(with_colours))

    def wait_for(self, part: str, seconds: float = 20) -> None:
        eventually(lambda: part in self.text(), f"{part!r} in:\n{self.text()}", seconds)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def wait_for_end(self, seconds: float = 10) -> str:
        """Exit code of the command; 128 and the signal where one has ended it."""
        def end() -> str:
            return self._exit_code.read_text().strip() if self._exit_code.exists() else ""
        return eventually(end, f"it ends:\n{self.text()}", seconds)
