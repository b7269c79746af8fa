"""Medians, spreads and ratios, and how they are written."""

from statistics import median


def middle(values: list[float]) -> float:
    return median(values) if values else 0.0


def number(value: float) -> str:
    """Writes as many digits as are worth reading."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def with_spread(values: list[float], factor: float = 1) -> str:
    """The median and, where there are several, the lowest and the highest."""
    scaled = [value * factor for value in values]
    text = number(middle(scaled))
    return text if len(scaled) < 2 else f"{text} ({number(min(scaled))}–{number(max(scaled))})"


def mebibytes(values: list[float]) -> str:
    return f"{middle(values) / (1024 * 1024):.0f}"


def most_mebibytes(values: list[float]) -> str:
    return f"{max(values) / (1024 * 1024):.0f}"


def milliseconds(values_us: list[float]) -> str:
    return with_spread(values_us, 0.001)
