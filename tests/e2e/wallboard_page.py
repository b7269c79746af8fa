"""Questions of the tests of the wallboard to its page."""

SENTENCE = "document.getElementById('sentence').textContent"
LIVE = f"{SENTENCE} === 'All that is shown is live.'"
ALL_STALE = ("document.querySelectorAll('.tile.stale').length === document.querySelectorAll('.tile').length"
             " && document.querySelectorAll('.tile').length > 0")


def texts(part: str) -> str:
    return f"[...document.querySelectorAll('#{part} .tile')].map((tile) => tile.innerText.replace(/\\s+/g, ' '))"


def tile_with(part: str, text: str) -> str:
    return f"[...document.querySelectorAll('#{part} .tile')].find((tile) => tile.innerText.includes('{text}'))"
