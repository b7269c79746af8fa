"""Order in which things are measured: ABBA, so that what drifts on the machine meets all alike."""

from collections.abc import Callable, Hashable, Sequence

from .child import Failure

disturbed_share = 0.25  # of one core, by processes that have nothing to do with the run


def measure(contenders: Sequence, count: int, run: Callable, name: Callable[[object], str],
            tell: Callable[[str], None], failed: Callable[[str], None]) -> dict[Hashable, list]:
    """`count` results of each contender, in rounds that go forwards and backwards by turns. Contenders whose runs were
    disturbed by other processes get as many rounds again, and their calmest runs count, whatever these say about speed;
    but not on a machine that is busy all the time. A run that fails counts for nothing and is told."""
    results: dict[Hashable, list] = {contender: [] for contender in contenders}
    for index in range(2 * count):
        if index == count and busy_for_good(results):
            break
        wanting = [c for c in contenders if index < count or calm(results[c]) < min(count, len(results[c]))]
        for contender in wanting if index % 2 == 0 else reversed(wanting):
            try:
                result = run(contender)
            except Failure as failure:
                tell(f"round {index + 1}  {name(contender)}: FAILED: {failure}")
                failed(f"{name(contender)}: {failure}")
                continue
            results[contender].append(result)
            tell(f"round {index + 1}  {name(contender)}: {result}")
    return {contender: those_that_count(runs, count) for contender, runs in results.items()}


def those_that_count(runs: list, count: int) -> list:
    """The calmest; but none in which something was wrong is left out."""
    return sorted(runs, key=lambda result: (result.findings["sound"], result.share("others")))[:count]


def busy_for_good(results: dict[Hashable, list]) -> bool:
    runs = [run for of_contender in results.values() for run in of_contender]
    return calm(runs) < len(runs) / 3


def calm(runs: list) -> int:
    return sum(run.share("others") < disturbed_share for run in runs)
