#!/usr/bin/env python3
"""generate_fields.py FIELDS.json OUT_DIR [--markdown FILE]: what follows from the one field list.

field_catalog.hpp  ColumnId, kColumns, FieldId, kFields: the stored columns and the words of filters and group-by
column_access.hpp  load_columns() and store_columns(): Session members to and from column values
element_table.hpp  kElements: information elements to FlowRecord members
The markdown is the reference page of the manual.
"""
import json
import pathlib
import sys

HEADER = "// Generated from schemas/fields.json by schemas/generate_fields.py.\n#pragma once\n"


def columns_of(fields):
    columns = []
    for field in fields:
        for column in field.get("columns", []):
            columns.append({**column, "type": column.get("type", field["type"]), "unit": field.get("unit", "")})
    columns.sort(key=lambda c: c["id"])
    ids, names = [c["id"] for c in columns], [c["name"] for c in columns]
    if len(set(ids)) != len(ids) or len(set(names)) != len(names):
        sys.exit("fields.json: a column id or name is used twice")
    return columns


def camel(name):
    return "k" + "".join(part.capitalize() for part in name.split("_"))


def catalog(columns, words):
    out = [HEADER, "#include <array>\n#include <cstdint>\n#include <string_view>\n\nnamespace weir {\n",
           "// Stored column numbers: persisted, they never change meaning.", "enum class ColumnId : std::uint16_t {"]
    out += [f"  {camel(c['name'])} = {c['id']}," for c in columns]
    out += ["};", f"inline constexpr std::size_t kColumnCount = {len(columns)};",
            "enum class ColumnType : std::uint8_t { kUnsigned, kTime, kAddress };",
            "struct ColumnInfo {\n  ColumnId id;\n  std::string_view name;\n  ColumnType type;\n  std::string_view unit;\n};",
            "inline constexpr std::array<ColumnInfo, kColumnCount> kColumns{{"]
    kinds = {"address": "kAddress", "time": "kTime"}
    out += [f"    {{.id = ColumnId::{camel(c['name'])}, .name = \"{c['name']}\", .type = ColumnType::{kinds.get(c['type'], 'kUnsigned')}, .unit = \"{c['unit']}\"}}," for c in columns]
    out += ["}};", "// Position of a column in kColumns.", "constexpr std::size_t column_index(ColumnId id) {", "  switch (id) {"]
    out += [f"    case ColumnId::{camel(c['name'])}: return {i};" for i, c in enumerate(columns)]
    out += ["  }", "  return 0;", "}\n",
            "// The words of filters and group-by. A field reads one column per session side, or two for \"either end\".",
            "enum class FieldId : std::uint8_t {"]
    out += [f"  {camel(w['word'])}," for w in words]
    out += ["};",
            "enum class FieldType : std::uint8_t { kNumber, kAddress, kExporter, kProtocol, kCountry, kNetwork, kApplication, kFlags, kMac, kDirection, kReason, kQuality, kDuration, kTime, kCounter };",
            "struct FieldInfo {\n  FieldId id;\n  std::string_view word;\n  FieldType type;\n  bool filter, group_by;\n"
            "  bool either_end;               // matches either end; grouping counts each end\n"
            "  std::uint8_t columns;          // how many of the two columns below are read (0: computed)\n"
            "  std::array<std::array<ColumnId, 2>, 2> source;  // [SessionSide][sending end, receiving end]\n"
            "  std::string_view unit, description;\n};",
            f"inline constexpr std::array<FieldInfo, {len(words)}> kFields{{{{"]
    for w in words:
        to_server, to_client = w.get("to_server", []), w.get("to_client", w.get("to_server", []))
        pad = lambda cols: ", ".join(f"ColumnId::{camel(c)}" for c in (list(cols) + [cols[0] if cols else columns[0]["name"]] * 2)[:2])
        out.append(f"    {{.id = FieldId::{camel(w['word'])}, .word = \"{w['word']}\", .type = FieldType::{camel(w['type'])}, "
                   f".filter = {str(w.get('filter', True)).lower()}, .group_by = {str(w.get('group_by', True)).lower()}, "
                   f".either_end = {str(w.get('either_end', False)).lower()}, .columns = {len(to_server)},\n"
                   f"     .source = {{{{{{{{{pad(to_server)}}}}}, {{{{{pad(to_client)}}}}}}}}}, .unit = \"{w.get('unit', '')}\",\n"
                   f"     .description = \"{w['description']}\"}},")
    out += ["}};", "constexpr const FieldInfo& field_info(FieldId id) { return kFields[static_cast<std::size_t>(id)]; }", "", "}  // namespace weir\n"]
    return "\n".join(out)


def access(columns):
    out = [HEADER, "#include \"flow/field_catalog.hpp\"\n#include \"flow/session.hpp\"\n\nnamespace weir {\n",
           "// Calls f(ColumnId, value) for every column of `s`; value is std::uint64_t or IpAddress.",
           "template <class F>\nvoid load_columns(const Session& s, F&& f) {"]
    for c in columns:
        value = f"s.{c['member']}" if c["type"] == "address" else f"static_cast<std::uint64_t>({c.get('load', 's.' + c.get('member', ''))})"
        out.append(f"  f(ColumnId::{camel(c['name'])}, {value});")
    out += ["}\n", "// Fills `s` by calling number(ColumnId) and address(ColumnId) for every column.",
            "template <class N, class A>\nvoid store_columns(Session& s, N&& number, A&& address) {"]
    for c in columns:
        if c["type"] == "address":
            out.append(f"  s.{c['member']} = address(ColumnId::{camel(c['name'])});")
        elif "store" in c:
            out.append(f"  {c['store'].replace('$', 'number(ColumnId::' + camel(c['name']) + ')')};")
        else:
            out.append(f"  s.{c['member']} = static_cast<decltype(s.{c['member']})>(number(ColumnId::{camel(c['name'])}));")
    out += ["}\n", "}  // namespace weir\n"]
    return "\n".join(out)


def elements(fields):
    rows = []
    for field in fields:
        for e in field.get("elements", []):
            rows.append((e.get("pen", 0), e["ie"], e["name"], e["target"], e.get("rank", 0)))
    rows.sort()
    targets = sorted({r[3] for r in rows})
    out = [HEADER, "#include <array>\n#include <cstdint>\n#include <string_view>\n\nnamespace weir {\n",
           "// What a decoded element does to the record.", "enum class ElementTarget : std::uint8_t {"]
    out += [f"  {camel(t)}," for t in targets]
    out += ["};", "struct ElementInfo {\n  std::uint32_t pen;  // 0: IANA, and the same numbers in NetFlow v9\n  std::uint16_t ie;\n  std::string_view name;\n"
            "  ElementTarget target;\n  std::uint8_t rank;  // of several elements for one target, the lowest rank given wins\n};",
            "// Sorted by (pen, ie).",
            f"inline constexpr std::array<ElementInfo, {len(rows)}> kElements{{{{"]
    out += [f"    {{.pen = {p}, .ie = {ie}, .name = \"{n}\", .target = ElementTarget::{camel(t)}, .rank = {r}}}," for p, ie, n, t, r in rows]
    out += ["}};", "", "}  // namespace weir\n"]
    return "\n".join(out)


def markdown(doc):
    out = ["# Fields", "", "Generated from `schemas/fields.json`. Words of the filter language and of `--by`:", "",
           "| word | type | filter | group by | meaning |", "| --- | --- | --- | --- | --- |"]
    for w in doc["words"]:
        yes = lambda v: "yes" if v else ""
        out.append(f"| `{w['word']}` | {w['type']} | {yes(w.get('filter', True))} | {yes(w.get('group_by', True))} | {w['description']} |")
    out += ["", "Stored columns and the information elements that feed them:", "", "| field | columns | fed by |", "| --- | --- | --- |"]
    for f in doc["fields"]:
        fed = ", ".join(f"{e['name']} ({'%d/' % e['pen'] if e.get('pen') else ''}{e['ie']})" for e in f.get("elements", []))
        cols = ", ".join(f"`{c['name']}`" for c in f.get("columns", []))
        v5 = f"; v5 {f['v5']}" if f.get("v5") else ""
        out.append(f"| {f['name']} | {cols} | {fed}{v5} |")
    return "\n".join(out) + "\n"


def main():
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    doc = json.loads(source.read_text())
    columns = columns_of(doc["fields"])
    target.mkdir(parents=True, exist_ok=True)
    (target / "field_catalog.hpp").write_text(catalog(columns, doc["words"]))
    (target / "column_access.hpp").write_text(access(columns))
    (target / "element_table.hpp").write_text(elements(doc["fields"]))
    if "--markdown" in sys.argv:
        pathlib.Path(sys.argv[sys.argv.index("--markdown") + 1]).write_text(markdown(doc))


if __name__ == "__main__":
    main()
