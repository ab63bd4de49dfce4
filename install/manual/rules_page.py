"""weir-rules(7), from the annotations in lua/weir.lua."""
import re

from mdoc import Page, argument


def split_type(text):
    """A type as LuaLS writes it, and the remark behind: "fun(row: weir.Row): boolean? ends the alert" has a blank in it."""
    depth = 0
    for position, c in enumerate(text):
        depth += c in "(<[{"
        depth -= c in ")>]}"
        if c == " " and depth == 0 and text[position - 1] not in ":,":
            return text[:position], text[position:].strip()
    return text, ""


class Block:
    """Lines of "---" that stand together, and the code that they are about."""

    def __init__(self, lines, code):
        self.texts = [line for line in lines if not line.startswith("@")]
        self.marks = [line[1:].partition(" ")[::2] for line in lines if line.startswith("@")]
        self.code = code

    def all(self, mark):
        return [rest for name, rest in self.marks if name == mark]


def blocks(lua):
    lines = []
    for line in lua.splitlines():
        if line.startswith("---"):
            lines.append(line[3:])
        elif lines:
            yield Block(lines, line)
            lines = []


def opening(lua):
    """The paragraphs of the comment at the head of the file."""
    head = re.search(r"^(?:-- ?[^-\n]?.*\n|--\n)+", re.sub(r"^---.*\n", "", lua, flags=re.M), re.M)
    if not head:
        raise SystemExit("lua/weir.lua: there is no comment at its head")
    # On the page it is no longer "this".
    text = head.group(0).replace("this folder", "the folder lua").replace("this file", "lua/weir.lua")
    return [" ".join(part.split()) for part in re.sub(r"^-- ?", "", text, flags=re.M).split("\n\n")]


def member_entry(rest):
    name, _, rest = rest.partition(" ")
    kind, remark = split_type(rest)
    optional = name.endswith("?")
    return (f"Va {argument(name.rstrip('?'))} Li : {argument(kind)}", " ".join(part for part in ("Optional." if optional else "", remark) if part))


def function_entry(block):
    name = re.match(r"function ([\w.]+)\((.*)\)", block.code)
    texts = [" ".join(block.texts)]
    for rest in block.all("param"):
        parameter, _, rest = rest.partition(" ")
        kind, remark = split_type(rest)
        texts.append(f"{parameter.rstrip('?')}: {kind}{'; ' + remark if remark else ''}{', optional' if parameter.endswith('?') else ''}.")
    texts += [f"Gives {kind}." for kind in block.all("return")]
    arguments = name.group(2).split(", ") if name.group(2) else []
    return (f"Fn {name.group(1)} {' '.join(argument(a) for a in arguments)}".rstrip(), *texts)


def rules_page(lua, date):
    page = Page("weir-rules", 7, "alert rules in Lua", date)
    page.section("description")
    page.paragraphs(*opening(lua))
    found = list(blocks(lua))
    functions = [block for block in found if re.match(r"function [\w.]+\(", block.code)]
    page.section("functions")
    page.tags([function_entry(block) for block in functions])
    page.section("tables")
    for block in found:
        if block.all("class") and block.all("field"):
            page.subsection(block.all("class")[0])
            if block.texts:
                page.text(" ".join(block.texts))
            page.tags([member_entry(rest) for rest in block.all("field")])
    page.section("values")
    entries = []
    for block in found:
        for rest in block.all("alias"):
            name, _, kind = rest.partition(" ")
            entries.append((f"Vt {argument(name)}", " ".join(block.texts), kind.replace('"', "").replace("|", ", ")))
    page.tags(entries)
    page.see_also(("weir", 1), ("weir-filter", 7))
    return page.written()
