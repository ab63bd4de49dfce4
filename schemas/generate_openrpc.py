#!/usr/bin/env python3
"""generate_openrpc.py [--check | --heads OUT.hpp]: schemas/openrpc.json from the schemas of the methods.

What a method is stands in methods/NAME.params.json under x-method: its summary, the least role that may call it, where it
runs (RpcPlace in sidecar/api/rpc_method_head.hpp), and errors that only some methods have. Of a message that the collector
sends by itself, x-notification has the summary. openrpc_base.json has what is said of no single method.
With --check nothing is written: exit 1 when openrpc.json is not what the schemas say.
With --heads, names, roles and places are written as a C++ header: the table of methods takes them from there.
"""
import json
import sys
from pathlib import Path

SCHEMAS = Path(__file__).resolve().parent
ROLES = {"viewer": "kViewer", "user": "kUser", "admin": "kAdmin"}
PLACES = {"api_thread": "kApiThread", "query_thread": "kQueryThread", "pool_thread": "kPoolThread", "socket_only": "kSocketOnly"}
LOGIN = "auth.login"  # comes before any token


class Mistake(Exception):
    """What is wrong, and in which file."""


def read(path):
    return json.loads(path.read_text())


def heads_of(folder, kind, allowed):
    """(name, head, params schema) of each file methods/NAME.params.json that has `kind`, by name."""
    for path in sorted(folder.glob("methods/*.params.json")):
        schema, name = read(path), path.name.removesuffix(".params.json")
        if ("x-method" in schema) == ("x-notification" in schema):
            raise Mistake(f"methods/{path.name} needs either x-method or x-notification")
        if kind not in schema:
            continue
        head = schema[kind]
        for word in sorted(head.keys() - allowed):
            raise Mistake(f"methods/{path.name}: {kind} has no '{word}'; it has {', '.join(sorted(allowed))}")
        if not head.get("summary", "").strip():
            raise Mistake(f"methods/{path.name}: {kind} needs a summary")
        yield name, head, schema


def methods_of(folder, errors):
    for name, head, schema in heads_of(folder, "x-method", {"summary", "role", "runs", "errors"}):
        file = f"methods/{name}.params.json"
        for word, known in (("role", ROLES), ("runs", PLACES)):
            if head.get(word) not in known:
                raise Mistake(f"{file}: x-method.{word} is one of {', '.join(known)}")
        for error in head.get("errors", []):
            if error not in errors:
                raise Mistake(f"{file}: there is no error '{error}' in openrpc_base.json")
        if not (folder / f"methods/{name}.result.json").exists():
            raise Mistake(f"{file}: methods/{name}.result.json is missing")
        yield name, head, schema


def errors_of(name, head, errors):
    """What a call can answer instead of its result, in the order of openrpc_base.json."""
    can = {"InvalidParams", "NotAuthenticated", "InternalError", *head.get("errors", [])}
    if name != LOGIN:
        can.add("NotAllowed")  # a token of the console, a lesser role, or one that does not reach the exporter
    if head["runs"] in ("query_thread", "pool_thread"):
        can |= {"Cancelled", "TooBusy"}
    return [{"$ref": f"#/components/errors/{error}"} for error in errors if error in can]


def params_of(folder, file, schema):
    """The list of parameters. Of a schema that is another file's, the other file's."""
    parts = schema.get("allOf", [])
    if parts:
        if len(parts) != 1 or "properties" in schema:
            raise Mistake(f"{file}: the params are either properties or allOf with one $ref")
        path = (folder / file).parent / parts[0]["$ref"]
        file = path.resolve().relative_to(folder).as_posix()
        return params_of(folder, file, read(path))
    required = schema.get("required", [])
    return [{"name": name, "required": name in required, "schema": {"$ref": f"{file}#/properties/{name}"}}
            for name in schema.get("properties", {})]


def call(folder, name, head, schema):
    file = f"methods/{name}.params.json"
    return {"name": name, "summary": head["summary"], "paramStructure": "by-name",
            "params": params_of(folder, file, schema), "x-params": {"$ref": file}}


def document(folder):
    base = read(folder / "openrpc_base.json")
    errors = base["components"]["errors"]
    methods = [{**call(folder, name, head, schema),
                "result": {"name": "result", "schema": {"$ref": f"methods/{name}.result.json"}},
                "errors": errors_of(name, head, errors)}
               for name, head, schema in methods_of(folder, errors)]
    notifications = [call(folder, *found) for found in heads_of(folder, "x-notification", {"summary"})]
    return {"openrpc": base["openrpc"], "info": base["info"], "methods": methods, "x-notifications": notifications,
            "components": base["components"]}


def as_text(folder):
    return json.dumps(document(folder), indent=2, ensure_ascii=False) + "\n"


def as_cpp(folder):
    found = list(methods_of(folder, read(folder / "openrpc_base.json")["components"]["errors"]))
    rows = [f'    {{"{name}", RpcPlace::{PLACES[head["runs"]]}, Role::{ROLES[head["role"]]}}},' for name, head, _ in found]
    return "\n".join(["// Generated from schemas/methods by schemas/generate_openrpc.py.",
                      "#pragma once", '#include "api/rpc_method_head.hpp"', "", "namespace weir {", "",
                      f"inline constexpr std::size_t kRpcMethodCount = {len(found)};",
                      "inline constexpr std::array<RpcMethodHead, kRpcMethodCount> kRpcMethodHeads{{", *rows, "}};", "",
                      "}  // namespace weir", ""])


def main(arguments):
    try:
        if arguments == []:
            (SCHEMAS / "openrpc.json").write_text(as_text(SCHEMAS))
        elif arguments == ["--check"]:
            if (SCHEMAS / "openrpc.json").read_text() != as_text(SCHEMAS):
                print("schemas/openrpc.json is not what schemas/methods says: run schemas/generate_openrpc.py")
                return 1
        elif len(arguments) == 2 and arguments[0] == "--heads":
            out = Path(arguments[1])
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(as_cpp(SCHEMAS))
        else:
            print(__doc__.splitlines()[0], file=sys.stderr)
            return 2
    except Mistake as mistake:
        print(f"generate_openrpc.py: schemas/{mistake}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
