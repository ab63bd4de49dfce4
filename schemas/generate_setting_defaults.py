#!/usr/bin/env python3
"""generate_setting_defaults.py CONFIG.schema.json OUT.hpp: a constant for the default of each setting that is a number or a flag.

Structs of limits take their initial values from it, so that a program, a tool and a test without a settings file have what ships.
"""
import json
import pathlib
import sys


def constant(section, key):
    return "k" + "".join(part.capitalize() for part in f"{section}_{key}".split("_"))


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    out = ["// Generated from schemas/config.schema.json by schemas/generate_setting_defaults.py.", "#pragma once", "#include <cstdint>", "", "namespace weir::setting_defaults {", ""]
    for section, table in schema["properties"].items():
        for key, setting in table.get("properties", {}).items():
            default = setting.get("default")
            if isinstance(default, bool):
                out.append(f"inline constexpr bool {constant(section, key)} = {str(default).lower()};")
            elif isinstance(default, int):
                out.append(f"inline constexpr std::int64_t {constant(section, key)} = {default};")
    out += ["", "}  // namespace weir::setting_defaults", ""]
    target = pathlib.Path(sys.argv[2])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(out))


if __name__ == "__main__":
    main()
