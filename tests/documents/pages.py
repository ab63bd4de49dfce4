"""The pages of the project as the tests read them: links, headings, blocks of code. Any Markdown file that git knows."""
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class Block:
    page: str
    line: int
    language: str
    text: str


def page_names():
    listed = subprocess.run(["git", "-C", str(PROJECT), "ls-files", "*.md"], capture_output=True, text=True, check=False)
    names = listed.stdout.split() or [str(path.relative_to(PROJECT)) for path in PROJECT.rglob("*.md")]
    return sorted(name for name in names if "node_modules/" not in name and not name.startswith("build/"))


def blocks_of(page, text):
    """Each fenced block, also one that is indented in a list."""
    found, block = [], None
    for number, line in enumerate(text.splitlines(), 1):
        fence = re.match(r"^( *)```(\w*)\s*$", line)
        if fence and block is None:
            block, indent = Block(page, number + 1, fence.group(2), ""), len(fence.group(1))
        elif fence:
            found.append(block)
            block = None
        elif block is not None:
            block.text += line[min(indent, len(line) - len(line.lstrip())):] + "\n"
    return found


def prose_of(text):
    """The page without its blocks; lines keep their numbers."""
    kept, inside = [], False
    for line in text.splitlines():
        fence = re.match(r"^ *```", line)
        inside = inside != bool(fence)
        kept.append("" if inside or fence else line)
    return "\n".join(kept)


def anchors_of(text):
    """The anchors of a page's headings, as GitHub makes them."""
    anchors, seen = set(), {}
    for heading in re.findall(r"(?m)^#{1,6} +(.*?) *#*$", prose_of(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen[slug] = seen.get(slug, -1) + 1
        anchors.add(slug if count == 0 else f"{slug}-{count}")
    return anchors


def links_of(text):
    """(line, target) of each link and picture."""
    for number, line in enumerate(prose_of(text).splitlines(), 1):
        without_code = re.sub(r"`[^`]*`", "", line)
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code):
            yield number, target


def code_spans(text):
    """(line, text) of each piece of code within a sentence."""
    for number, line in enumerate(prose_of(text).splitlines(), 1):
        for span in re.findall(r"`([^`]+)`", line):
            yield number, span
