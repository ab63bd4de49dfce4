#!/usr/bin/env python3
"""generate_field_texts.py [--check]: what follows from fields.json and is kept in the tree.

shapes/session.json      the carried fields of the session object
../lua/weir.lua          the names of fields that rules may use
../sidecar/FIELDS.md     the reference page
With --check nothing is written: exit 1 if one of them is not what the field list says.
"""
import json
import re
import sys
from pathlib import Path

from generate_fields import columns_of, shown_members, type_word, words_of

SCHEMAS = Path(__file__).resolve().parent
ENDS = {"client": "the client", "server": "the server"}


def property_of(name, how, field):
    end = name.split("_")[0] if field["per"] == "end" else ""
    description = field["description"] + (f"; of {ENDS[end]}" if end else "") + "."
    if how == "number":
        bits = int(field["type"][1:])
        return {"type": "integer", "description": description, "minimum": 0, **({"maximum": 2**bits - 1} if bits < 64 else {})}
    return {"type": ["string", "null"], "description": description}


def session_schema(doc, text):
    schema = json.loads(text)
    for name, how, _, field in shown_members(doc["fields"]):
        schema["properties"][name] = property_of(name, how, field)
        if name not in schema["required"]:
            schema["required"].append(name)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def rule_fields(doc, text):
    names = "|".join(f'"{w["word"]}"' for w in words_of(doc) if w.get("group_by", True))
    return re.sub(r"(?m)^---@alias weir\.Field .*$", f"---@alias weir.Field {names}", text)


def reference_page(doc, _):
    def yes(value):
        return "yes" if value else ""

    out = ["# Fields", "", "Made from `schemas/fields.json` by `schemas/generate_field_texts.py`. Words of the filter language and of `--by`:", "",
           "| word | type | filter | group by | meaning |", "| --- | --- | --- | --- | --- |"]
    out += [f"| `{w['word']}` | {type_word(w)} | {yes(w.get('filter', True))} | {yes(w.get('group_by', True))} | {w['description']} |" for w in words_of(doc)]
    out += ["", "What a session stores, and the information elements that feed it:", "", "| field | columns | meaning | fed by |", "| --- | --- | --- | --- |"]
    for field in doc["fields"]:
        columns = ", ".join(f"`{c['name']}`" for c in columns_of([field]))
        fed = [f"{e['name']} ({str(e['pen']) + '/' if e.get('pen') else ''}{e['ie']})" for e in field.get("elements", [])]
        fed += [f"NetFlow v5: {field['v5']}"] if field.get("v5") else []
        out.append(f"| {field['name']} | {columns} | {field['description']} | {', '.join(fed)} |")
    return "\n".join(out) + "\n"


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    doc = json.loads((SCHEMAS / "fields.json").read_text())
    stale = False
    for path, make in ((SCHEMAS / "shapes/session.json", session_schema), (SCHEMAS.parent / "lua/weir.lua", rule_fields),
                       (SCHEMAS.parent / "sidecar/FIELDS.md", reference_page)):
        old = path.read_text() if path.exists() else ""
        new = make(doc, old)
        if new == old:
            continue
        stale = True
        if "--check" in sys.argv:
            print(f"{path}: not as schemas/fields.json says; run schemas/generate_field_texts.py", file=sys.stderr)
        else:
            path.write_text(new)
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
