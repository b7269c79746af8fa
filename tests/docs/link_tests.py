"""Every relative link of the documentation leads to a file that is there, and to a heading in it."""

import re
import unittest
from pathlib import Path

root = Path(__file__).resolve().parents[2]


def documents() -> list[Path]:
    """All but those in the folders of builds and downloads, which others have written."""
    folders = (folder for folder in root.iterdir() if folder.is_dir() and folder.name != "build")
    nested = (document for folder in folders if not folder.name.startswith(".") for document in folder.rglob("*.md"))
    return [*root.glob("*.md"), *nested]


def prose(document: Path) -> str:
    return re.sub(r"^```.*?^```", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """Makes them as GitHub does: lower case, without punctuation, with hyphens for spaces."""
    headings = re.findall(r"^#+ (.*)$", prose(document), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "]", heading)).lower().replace(" ", "-") for heading in headings}


def broken_links(document: Path) -> list[str]:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if link.startswith(("http:", "https:")):
            continue
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(f"{document.relative_to(root)}: {link}")
    return broken


class Links(unittest.TestCase):
    def test_lead_somewhere(self):
        self.assertGreater(len(documents()), 20)
        self.assertEqual([link for document in documents() for link in broken_links(document)], [])

    def test_to_a_heading_that_is_missing_are_found(self):
        self.assertIn("the-way-of-an-event", anchors(root / "README.md"))
        self.assertNotIn("no-such-heading", anchors(root / "README.md"))


if __name__ == "__main__":
    unittest.main()
