#!/usr/bin/env python3
"""generate_fields.py FIELDS.json OUT_DIR: the headers that follow from the one field list. generate_field_texts.py has the rest.

field_catalog.hpp    ColumnId, kColumns, FieldId, kFields: the stored columns and the words of filters and group-by
field_labels.hpp     field_label(): what a person reads instead of the word
column_access.hpp    load_columns() and store_columns(): Session members to and from column values
element_table.hpp    kElements: information elements, and what they do
record_target.hpp    record_target(): the member of FlowRecord that an element fills
*_members.inc        members of FlowRecord, SessionHalf and Session
session_parts.hpp    how carried fields come from records to sessions, and from one session to another
session_object.hpp   how they are written into the session object of the API

A field with "per" is carried: no stage knows what it means. Its row says
  per      half: each direction has its own, from FlowRecord::NAME; end: each end has its own, from src_NAME and dst_NAME;
           session: there is one; record: FlowRecord alone has it
  unset    the value for "not said" (0)
  reverse  of a half: what the reverse packets of a biflow have: nothing (default), "own" (reverse_NAME), or another field
  twin     of a half: how a flow that was metered twice is joined: "fill" what is missing (default), "or" the bits, "keep"
  wire     "own": the decoder reads the element by code of its own
  shown    in the session object: number, address (defaults), mac, direction, "turned" (as the client's packets meet it),
           or "own" (by code of its own)
  columns  the numbers of its stored columns
  word     true: filters and group-by know it by its name
Of other fields, "record" names the members of FlowRecord that elements fill.
A word has a "label" where a person reads something else than label_of() makes of it.
"""
import json
import pathlib
import sys

HEADER = "// Generated from schemas/fields.json by schemas/generate_fields.py.\n#pragma once\n"


PARTS = {"half": [("{}_to_server", "halves[0].{}"), ("{}_to_client", "halves[1].{}")], "end": [("client_{}", "client_{}"), ("server_{}", "server_{}")], "session": [("{}", "{}")], "record": []}
CPP_TYPES = {"address": "IpAddress", **{f"u{bits}": f"std::uint{bits}_t" for bits in (8, 16, 32, 64)}}


def carried(fields, per=None):
    return [f for f in fields if "per" in f and per in (None, f["per"])]


def columns_of(fields):
    columns = []
    for field in fields:
        rows = field.get("columns", [])
        if "per" in field:
            names = [{"name": name.format(field["name"]), "member": member.format(field["name"])} for name, member in PARTS[field["per"]]]
            if len(names) != len(rows):
                sys.exit(f"fields.json: {field['name']} needs {len(names)} numbers in columns")
            rows = [{"id": number, **name} for number, name in zip(rows, names)]
        for column in rows:
            columns.append({**column, "type": column.get("type", field["type"]), "unit": field.get("unit", "")})
    columns.sort(key=lambda c: c["id"])
    ids, names = [c["id"] for c in columns], [c["name"] for c in columns]
    if len(set(ids)) != len(ids) or len(set(names)) != len(names):
        sys.exit("fields.json: a column id or name is used twice")
    return columns


def camel(name):
    return "k" + "".join(part.capitalize() for part in name.split("_"))


# How abbreviations are written within a label.
CAPITALS = {"as": "AS", "vlan": "VLAN", "vrf": "VRF", "nat": "NAT", "mac": "MAC", "ip": "IP", "icmp": "ICMP", "tcp": "TCP", "ttl": "TTL", "mpls": "MPLS", "dscp": "DSCP", "tos": "ToS",
            "src": "source", "dst": "destination", "if": "interface"}


def label_of(word):
    """src_as: Source AS."""
    label = word.get("label") or " ".join(CAPITALS.get(part, part) for part in word["word"].split("_"))
    return label[0].upper() + label[1:]


def words_of(doc):
    """A word with "ends" is three: of either end, and of each. A word with "derived" reads a derived column of the stored ones."""
    words = []
    for word in doc["words"]:
        if "ends" not in word:
            words.append(word)
            continue
        first, second = word["ends"]
        plain = {key: value for key, value in word.items() if key != "ends"}
        words.append({**plain, "role": "either", "to_server": [first, second], "to_client": [second, first], "either_end": True, "description": word["description"] + " of either end"})
        words += ({**plain, "word": f"{role}_{word['word']}", "role": role, "to_server": [end], "description": f"{word['description']} of the {role}"}
                  for role, end in zip(("client", "server"), word["ends"]))
    for field in carried(doc["fields"]):
        if not field.get("word"):
            continue
        name, kind = field["name"], "address" if field["type"] == "address" else "number"
        if field["per"] == "half":
            words.append({"word": name, "type": kind, "to_server": [f"{name}_to_server"], "to_client": [f"{name}_to_client"], "description": field["description"]})
        elif field["per"] == "end":
            words.append({"word": name, "type": kind, "to_server": [f"client_{name}", f"server_{name}"], "to_client": [f"server_{name}", f"client_{name}"], "either_end": True,
                          "role": "either", "description": field["description"] + ", of either end"})
            for end in ("client", "server"):
                words.append({"word": f"{end}_{name}", "type": kind, "to_server": [f"{end}_{name}"], "role": end, "description": field["description"] + f", of the {end}"})
        else:
            words.append({"word": name, "type": kind, "to_server": [name], "description": field["description"]})
    return words


def type_word(word):
    return word["derived"] if word["type"] == "label" else word["type"]


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
            "enum class FieldType : std::uint8_t { kNumber, kAddress, kExporter, kProtocol, kLabel, kApplication, kFlags, kMac, kDirection, kReason, kQuality, kDuration, kTime, kCounter };",
            "// What is made of a stored column before a filter or a group reads it, see query/derived_column.hpp.",
            "enum class DerivedId : std::uint8_t {", "  kNone,"]
    out += [f"  {camel(d)}," for d in sorted({w["derived"] for w in words if "derived" in w})]
    out += ["};",
            "// What a key of the field is to the octets of a half.",
            "enum class FieldRole : std::uint8_t {",
            "  kNone,       // not an end",
            "  kClient, kServer, kSource, kDestination,",
            "  kEither,     // the sending end, or the receiving one",
            "  kIn, kOut,   // where they come in or leave: an interface receives what comes in by it, and sends what leaves by it",
            "  kInOrOut,",
            "};",
            "struct FieldInfo {\n  FieldId id;\n  std::string_view word;\n  FieldType type;\n  std::string_view type_word;  // in the API\n  DerivedId derived;\n  FieldRole role;\n  bool filter, group_by;\n"
            "  bool either_end;               // matches either end; grouping counts each end\n"
            "  std::uint8_t columns;          // how many of the two columns below are read (0: computed)\n"
            "  std::array<std::array<ColumnId, 2>, 2> source;  // [SessionSide][sending end, receiving end]\n"
            "  std::string_view unit, description;\n};",
            f"inline constexpr std::array<FieldInfo, {len(words)}> kFields{{{{"]
    for w in words:
        to_server, to_client = w.get("to_server", []), w.get("to_client", w.get("to_server", []))
        pad = lambda cols: ", ".join(f"ColumnId::{camel(c)}" for c in (list(cols) + [cols[0] if cols else columns[0]["name"]] * 2)[:2])
        out.append(f"    {{.id = FieldId::{camel(w['word'])}, .word = \"{w['word']}\", .type = FieldType::{camel(w['type'])}, "
                   f".type_word = \"{type_word(w)}\", .derived = DerivedId::{camel(w.get('derived', 'none'))}, .role = FieldRole::{camel(w.get('role', 'none'))}, "
                   f".filter = {str(w.get('filter', True)).lower()}, .group_by = {str(w.get('group_by', True)).lower()}, "
                   f".either_end = {str(w.get('either_end', False)).lower()}, .columns = {len(to_server)},\n"
                   f"     .source = {{{{{{{{{pad(to_server)}}}}}, {{{{{pad(to_client)}}}}}}}}}, .unit = \"{w.get('unit', '')}\",\n"
                   f"     .description = \"{w['description']}\"}},")
    out += ["}};", "constexpr const FieldInfo& field_info(FieldId id) { return kFields[static_cast<std::size_t>(id)]; }", "", "}  // namespace weir\n"]
    return "\n".join(out)


def labels(words):
    out = [HEADER, "#include <string_view>\n\n#include \"flow/field_catalog.hpp\"\n\nnamespace weir {\n",
           "constexpr std::string_view field_label(FieldId id) {", "  switch (id) {"]
    out += [f"    case FieldId::{camel(w['word'])}: return \"{label_of(w)}\";" for w in words]
    out += ["  }", "  return {};", "}", "", "}  // namespace weir\n"]
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


def record_members(fields):
    """(field, name) of the carried members of FlowRecord."""
    for field in carried(fields):
        names = ["src_{}", "dst_{}"] if field["per"] == "end" else ["{}"]
        names += ["reverse_{}"] if field.get("reverse") == "own" else []
        for name in names:
            yield field, name.format(field["name"])


def declarations(members):
    """The largest first, so that no gap is left."""
    sizes = {"address": 8, "u64": 8, "u32": 4, "u16": 2, "u8": 1}
    out = ["// Generated from schemas/fields.json by schemas/generate_fields.py."]
    for field, name in sorted(members, key=lambda m: -sizes[m[0]["type"]]):
        unset = "" if field["type"] == "address" else f" = {field.get('unset', 0)}"
        out.append(f"{CPP_TYPES[field['type']]} {name}{unset};")
    return "\n".join(out) + "\n"


def session_members(fields):
    for field in carried(fields, "end"):
        for end in ("client", "server"):
            yield field, f"{end}_{field['name']}"
    for field in carried(fields, "session"):
        yield field, field["name"]


def record_target(fields):
    kinds, members = {}, {}
    for field, name in record_members(fields):
        members[name] = (field["type"], field.get("wire") == "own")
    for field in fields:
        for name in field.get("record", []):
            members[name] = ("core address" if field["type"] == "address" else "number", False)
    for field in fields:
        for element in field.get("elements", []):
            kind, own = members.get(element["target"], ("none", True))
            if own and element["target"] in members:
                kind = "own"
            kinds[element["target"]] = {"none": "kNone", "own": "kOwn", "address": "kAddress", "core address": "kEnd"}.get(kind, "kNumber")
    out = [HEADER, "#include <cstddef>\n#include <cstdint>\n#include <type_traits>\n\n#include \"flow/element_table.hpp\"\n#include \"flow/flow_record.hpp\"\n\nnamespace weir {\n",
           "// The member of FlowRecord that an element fills.", "struct RecordTarget {",
           "  enum class Kind : std::uint8_t {",
           "    kNone,     // none: its meaning is the decoder's",
           "    kOwn,      // one, by code of the decoder's own",
           "    kNumber,   // `width` octets at `offset`",
           "    kAddress,  // an address; zeros: not said",
           "    kEnd,      // an address; zeros: an address too",
           "  };", "  Kind kind = Kind::kNone;", "  std::size_t offset = 0, width = 0;", "};", "",
           "static_assert(std::is_standard_layout_v<FlowRecord> && std::is_trivially_copyable_v<FlowRecord>);",
           "constexpr RecordTarget record_target(ElementTarget target) {", "  switch (target) {"]
    for target, kind in sorted(kinds.items()):
        place = f", .offset = offsetof(FlowRecord, {target}), .width = sizeof(FlowRecord::{target})" if kind in ("kNumber", "kAddress", "kEnd") else ""
        out.append(f"    case ElementTarget::{camel(target)}: return {{.kind = RecordTarget::Kind::{kind}{place}}};")
    out += ["  }", "  return {};", "}", "", "}  // namespace weir\n"]
    return "\n".join(out)


def session_parts(fields):
    halves, ends, ones = (carried(fields, per) for per in ("half", "end", "session"))
    unset = lambda f: "IpAddress{}" if f["type"] == "address" else str(f.get("unset", 0))

    def filling(note, head, given):
        """A function that fills what is missing of a session; given(end, field): the client's or the server's value."""
        yield from ("}", note, f"inline void fill_carried({head}, Session& s) {{", "  const auto fill = [](auto& known, const auto& unset, const auto& given) {",
                    "    if (known == static_cast<std::decay_t<decltype(known)>>(unset)) known = given;", "  };")
        for f in ends:
            yield from (f"  fill(s.{end}_{f['name']}, {unset(f)}, {given(end, f['name'])});" for end in ("client", "server"))
        yield from (f"  fill(s.{f['name']}, {unset(f)}, {given('', f['name'])});" for f in ones)

    def of_record(end, name):
        first, second = ("src", "dst") if end == "client" else ("dst", "src")
        return f"from_client ? r.{first}_{name} : r.{second}_{name}" if end else f"r.{name}"

    def of_session(end, name):
        turned = "server" if end == "client" else "client"
        return f"turned ? other.{turned}_{name} : other.{end}_{name}" if end else f"other.{name}"

    out = [HEADER, "#include <utility>\n\n#include \"flow/session.hpp\"\n\n// The carried fields of records and sessions: no stage knows what they mean.\nnamespace weir {\n",
           "inline void carry(const FlowRecord& r, SessionHalf& h) {"]
    out += [f"  h.{f['name']} = r.{f['name']};" for f in halves]
    out += ["}", "// RFC 5103: the reverse packets of a biflow come in where the forward ones leave.", "inline void carry_reverse(const FlowRecord& r, SessionHalf& h) {"]
    for f in halves:
        if "reverse" in f:
            out.append(f"  h.{f['name']} = r.{'reverse_' + f['name'] if f['reverse'] == 'own' else f['reverse']};")
    out += ["}", "// Of the same flow, metered once more.", "inline void carry_twin(const FlowRecord& r, SessionHalf& h) {"]
    for f in halves:
        twin = f.get("twin", "fill")
        if twin == "fill":
            out.append(f"  if (h.{f['name']} == {unset(f)}) h.{f['name']} = r.{f['name']};")
        elif twin == "or":
            out.append(f"  h.{f['name']} |= r.{f['name']};")
    out += ["}", "// Of one more packet of the half.", "inline void carry_sample(const FlowRecord& r, SessionHalf& h) {"]
    out += [f"  h.{f['name']} |= r.{f['name']};" for f in halves if f.get("twin") == "or"]
    out += ["}", "// Whether all that such a packet does not change is the same.", "inline bool carries_same(const FlowRecord& r, const SessionHalf& h) {",
            "  return " + " &&\n         ".join(f"h.{f['name']} == r.{f['name']}" for f in halves if f.get("twin") != "or") + ";", "}",
            "inline void swap_carried_ends(Session& s) {"]
    out += [f"  std::swap(s.client_{f['name']}, s.server_{f['name']});" for f in ends]
    out += filling("// What a record tells, where nothing is known yet. The client is its source, or its destination.", "const FlowRecord& r, bool from_client", of_record)
    out += filling("// The same from another session; `turned`: its client is the server here.", "const Session& other, bool turned", of_session)
    out += ["}", "// f(name, member) for each of a record.", "template <class F>\nvoid each_carried(const FlowRecord& r, F&& f) {"]
    out += [f"  f(\"{name}\", r.{name});" for _, name in record_members(fields)]
    out += ["}", "", "}  // namespace weir\n"]
    return "\n".join(out)


def shown_members(fields):
    """(property, how it is shown, the expression, the field): of the session object."""
    for f in carried(fields):
        how = f.get("shown", "address" if f["type"] == "address" else "number")
        if how == "own":
            continue
        if f["per"] == "half":
            there = f"seen.{f['name']}"
            yield f["name"], "number" if how == "turned" else how, f"client_seen ? {there} : seen.{f['reverse']}" if how == "turned" else there, f
        elif f["per"] == "end":
            for end in ("client", "server"):
                yield f"{end}_{f['name']}", how, f"s.{end}_{f['name']}", f
        elif f["per"] == "session":
            yield f["name"], how, f"s.{f['name']}", f


def session_object(fields):
    out = [HEADER, "#include \"flow/field_catalog.hpp\"\n#include \"flow/session.hpp\"\n\nnamespace weir {\n",
           "// The carried fields of a session as the API shows them: f.number(name, n), f.address(name, address), f.coded(name, type, code).",
           "// Of a direction, what the client's packets show; those of the server if only they were reported. Of a session that may change, f",
           "// gets the members themselves and can fill them.",
           "template <class AnySession, class F>\nvoid show_carried(AnySession& s, F&& f) {",
           "  const bool client_seen = s.halves[kToServer].reported();",
           "  auto& seen = s.halves[client_seen ? kToServer : kToClient];"]
    for name, how, value, _ in shown_members(fields):
        if how in ("number", "address"):
            out.append(f"  f.{how}(\"{name}\", {value});")
        else:
            out.append(f"  f.coded(\"{name}\", FieldType::{camel(how)}, {value});")
    out += ["}", "", "}  // namespace weir\n"]
    return "\n".join(out)


def main():
    source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    doc = json.loads(source.read_text())
    fields = doc["fields"]
    columns = columns_of(fields)
    target.mkdir(parents=True, exist_ok=True)
    for name, content in {
            "field_catalog.hpp": catalog(columns, words_of(doc)), "field_labels.hpp": labels(words_of(doc)), "column_access.hpp": access(columns), "element_table.hpp": elements(fields),
            "record_target.hpp": record_target(fields), "session_parts.hpp": session_parts(fields), "session_object.hpp": session_object(fields),
            "record_members.inc": declarations(record_members(fields)), "session_members.inc": declarations(session_members(fields)),
            "half_members.inc": declarations((f, f["name"]) for f in carried(fields, "half"))}.items():
        (target / name).write_text(content)


if __name__ == "__main__":
    main()
