"""Writes manual pages in mdoc(7): sections, lists and text, escaped, one sentence a line."""
import re
import textwrap

# Characters that roff would take for commands, and characters that a terminal without UTF-8 cannot show.
ESCAPES = {"\\": "\\e", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", "…": "...", "→": "->", "“": '"', "”": '"', "’": "'", "–": "-"}


def escaped(text):
    text = "".join(ESCAPES.get(c, c) for c in text)
    return "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)


def literal(text):
    """Text that is typed or shown as it is: a minus stays one."""
    return escaped(text).replace("-", "\\-")


def argument(word):
    """One argument of a macro: no macro by its name, no punctuation. A line may break between alternatives."""
    word = literal(word).replace('"', "\\(dq").replace("|", "|\\:")
    if word[-1:] in ".,:;)]?!":
        word += "\\&"
    return f'"\\&{word}"' if " " in word else "\\&" + word


class Page:
    def __init__(self, name, section, what, date):
        self.lines = [f".Dd {date}", f".Dt {name.upper()} {section}", ".Os", ".Sh NAME", f".Nm {name}", f".Nd {escaped(what)}"]

    def add(self, *lines):
        self.lines += lines

    def section(self, title):
        self.add(f".Sh {title.upper()}")

    def subsection(self, title):
        self.add(f".Ss {argument(title)}")

    def text(self, text):
        for sentence in re.split(r"(?<=[.!?])\s+(?=\S)", " ".join(text.split())):
            for line in textwrap.wrap(escaped(sentence), 72, break_long_words=False, break_on_hyphens=False):
                self.add("\\&" + line if line[0] in ".'" else line)

    def paragraphs(self, *texts):
        for number, text in enumerate(texts):
            if number:
                self.add(".Pp")
            self.text(text)

    def tags(self, entries):
        """A list of (macro line of the tag, texts)."""
        if self.lines[-1] == ".Pp":  # a list begins with room above it
            self.lines.pop()
        self.add(".Bl -tag -width Ds")
        for tag, *texts in entries:
            self.add(f".It {tag}")
            self.paragraphs(*[text for text in texts if text])
        self.add(".El")

    def display(self, lines):
        self.add(".Bd -literal -offset indent")
        self.add(*["\\&" + literal(line) if line[:1] in (".", "'") else literal(line) for line in lines])
        self.add(".Ed")

    def see_also(self, *pages):
        self.section("see also")
        self.add(*[f".Xr {name} {section}{' ,' if number + 1 < len(pages) else ''}" for number, (name, section) in enumerate(pages)])

    def written(self):
        return "\n".join(self.lines) + "\n"
