"""In which order things are measured: ABBA, so that what drifts on the machine meets all alike."""

from collections.abc import Callable, Hashable, Sequence

from .child import Failure


def rounds(contenders: Sequence, count: int) -> list[tuple[int, object]]:
    """Each contender `count` times, forwards and backwards by turns."""
    order = []
    for index in range(count):
        order += [(index, contender) for contender in (contenders if index % 2 == 0 else reversed(contenders))]
    return order


def measure(contenders: Sequence, count: int, run: Callable, name: Callable[[object], str],
            tell: Callable[[str], None]) -> dict[Hashable, list]:
    """The results of each contender, in the order in which the contenders were given. A run that fails is told and left
    out: it says nothing about speed, and the others go on."""
    results: dict[Hashable, list] = {contender: [] for contender in contenders}
    for index, contender in rounds(contenders, count):
        try:
            result = run(contender)
        except Failure as failure:
            tell(f"round {index + 1}  {name(contender)}: FAILED: {failure}")
            continue
        results[contender].append(result)
        tell(f"round {index + 1}  {name(contender)}: {result}")
    return results
