"""weir-filter(7), from the words of schemas/fields.json, the grammar in sidecar/query/filter.hpp and the other names in
sidecar/query/filter_words.cpp."""
import re
import sys
from pathlib import Path

from mdoc import Page, literal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "schemas"))
from generate_fields import words_of  # noqa: E402


def grammar(header):
    """[(rule or "", form, remark)]: the lines of the comment at the head of filter.hpp that are set off."""
    lines = re.findall(r"^//   (.*)$", header, re.M)
    if not lines:
        raise SystemExit("sidecar/query/filter.hpp: the comment at its head has no grammar")
    return lines


def other_names(source):
    """{field's enumerator: [other names]}"""
    table = re.search(r"kOtherNames\[\] = \{(.*?)\n\};", source, re.S)
    rows = re.findall(r'\.word = "([^"]+)", \.field = FieldId::(\w+)(?:, \.ends = FilterEnds::k(\w+))?', table.group(1) if table else "")
    if not rows:
        raise SystemExit("sidecar/query/filter_words.cpp: there is no table of other names")
    names = {}
    for word, field, ends in rows:
        names.setdefault(field, []).append(word + {"": "", "Sending": " (src)", "Receiving": " (dst)"}[ends])
    return names


def enumerator(word):
    return "k" + "".join(part.capitalize() for part in word.split("_"))


def word_entry(word, others):
    uses = "In filters only." if not word.get("group_by", True) else "In --by only." if not word.get("filter", True) else ""
    also = ", ".join(others.get(enumerator(word["word"]), []))
    return f"Ic {literal(word['word'])}", word["description"].rstrip(".") + ".", " ".join(part for part in (f"Also: {also}." if also else "", uses) if part)


def filter_page(fields, header, source, date):
    others = other_names(source)
    page = Page("weir-filter", 7, "the words and the grammar of filters", date)
    page.section("description")
    page.text("A filter chooses sessions: in weir query --filter, in the Flows window, in alert rules and in the API. It is written in the habit of "
              "tcpdump and nfdump. A filter that cannot mean what was typed is an error that says where and what to write.")
    page.section("grammar")
    page.display(grammar(header))
    page.section("words")
    page.text("The words of filters and of --by. A word for either end (host, port, as, country and others) takes src, dst, client or server "
              "before it; interface and vlan take in and out.")
    page.tags([word_entry(word, others) for word in words_of(fields)])
    page.section("examples")
    page.display(["host 10.0.0.0/8 and not (port 443 or port 80)", "proto udp and bytes > 1M", "exporter 192.0.2.1 in if 3", "src net 10.1.0.0/16 and duration > 5min",
                  "conversation 10.0.0.1 10.0.0.2", "client as_name \"*telekom*\" and not server network office"])
    page.see_also(("weir", 1), ("weir-rules", 7))
    return page.written()
