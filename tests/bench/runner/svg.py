"""The few elements of SVG that a plot needs, as text. The same input gives the same bytes."""

from html import escape

font = 'font-family="Helvetica, Arial, sans-serif" font-size="12"'
ink = "#24292f"
pale = "#d0d7de"


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def document(width: int, height: int, title: str, elements: list[str]) -> str:
    """White behind it all, so that it can be read on a dark page, too."""
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'role="img" {font} fill="{ink}">')
    return "\n".join([head, f"<title>{escape(title)}</title>", f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
                      *elements, "</svg>\n"])


def text(x: float, y: float, words: str, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str = pale, width: float = 1) -> str:
    return (f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" stroke="{colour}" '
            f'stroke-width="{number(width)}"/>')


def bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" fill="{colour}"/>'


def curve(points: list[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def dot(x: float, y: float, colour: str, hollow: bool = False) -> str:
    return (f'<circle cx="{number(x)}" cy="{number(y)}" r="4" fill="{"#ffffff" if hollow else colour}" stroke="{colour}" '
            'stroke-width="2"/>')
