#!/usr/bin/env python3
"""bundle_openrpc.py OPENRPC.json OUT.cpp: the OpenRPC document with every schema file it refers to taken in, as C++.

Each file becomes components/schemas/NAME once; references to files become references into the document.
With OUT ending in .json, the document itself is written.
"""
import json
import pathlib
import sys


def name_of(path):
    """shapes/query_result.json → query_result, methods/flows.top.params.json → flows.top.params."""
    return path.name.removesuffix(".json")


class Bundle:
    def __init__(self, root):
        self.root = root.resolve().parent
        self.schemas = {}

    def take(self, path):
        path = path.resolve()
        if self.root not in path.parents:
            sys.exit(f"{path}: a reference leads out of {self.root}")
        name = name_of(path)
        if name not in self.schemas:
            self.schemas[name] = None  # a file may refer to itself
            self.schemas[name] = self.resolve(json.loads(path.read_text()), path)
            for word in ("$schema", "x-method", "x-notification"):
                self.schemas[name].pop(word, None)
        return name

    def resolve(self, node, file):
        if isinstance(node, list):
            return [self.resolve(item, file) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref", "")
        if isinstance(reference, str) and reference and not reference.startswith("#"):
            path, _, inner = reference.partition("#")
            return {**node, "$ref": f"#/components/schemas/{self.take(file.parent / path)}{inner}"}
        return {key: self.resolve(value, file) for key, value in node.items()}


def bundled(source):
    bundle = Bundle(source)
    document = bundle.resolve(json.loads(source.read_text()), source)
    document.setdefault("components", {})["schemas"] = dict(sorted(bundle.schemas.items()))
    document["info"]["description"] = document["info"]["description"].replace(" References are relative to this file.", "")
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))


def as_cpp(text):
    numbers = [str(byte) for byte in text.encode()]
    lines = [",".join(numbers[i:i + 40]) for i in range(0, len(numbers), 40)]
    return ("// Generated from schemas/openrpc.json by schemas/bundle_openrpc.py.\n#include \"api/openrpc_document.hpp\"\n\n"
            "namespace weir {\n\nstd::string_view openrpc_document() {\n  static constexpr char kText[] = {\n"
            + ",\n".join(lines) + "};\n  return {kText, sizeof kText};\n}\n\n}  // namespace weir\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    text = bundled(pathlib.Path(sys.argv[1]))
    out = pathlib.Path(sys.argv[2])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text if out.suffix == ".json" else as_cpp(text))
