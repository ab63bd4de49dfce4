#!/usr/bin/env python3
"""check_sources.py PROJECT: fails on sources that go against the architecture.

Reads the link edges from sidecar/*/CMakeLists.txt and every source file that git knows (or, outside a clone, every
one in the folder). Prints one line per finding, "file:line: what is wrong, how to fix it"; exit 1 when there is one.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

MAX_LINES = 400
SOURCE_SUFFIXES = {".cpp", ".hpp", ".py", ".ts", ".mjs", ".svelte", ".php", ".lua", ".sh", ".js", ".css"}
SCRIPT_FOLDERS = ("install/", "tests/", ".ci/")  # scripts there have no suffix
FORBIDDEN_NAMES = {"utils", "util", "common", "manager", "managers", "helper", "helpers", "misc"}
NOT_OURS = ("node_modules/", "plugin/web/dist/", "plugin/web/src/generated/", "build/", "data/")

# The header that shows the use of a package, and the link that allows it.
PACKAGE_HEADERS = [
    (re.compile(r"lua\.hpp|lua\.h|lualib\.h|lauxlib\.h"), "PkgConfig::LUA"),
    (re.compile(r"sqlite3(ext)?\.h"), "PkgConfig::SQLITE"),
    (re.compile(r"zstd\.h"), "PkgConfig::ZSTD"),
    (re.compile(r"maxminddb\.h"), "PkgConfig::MAXMINDDB"),
    (re.compile(r"pcap(/.*)?\.h"), "PkgConfig::PCAP"),
    (re.compile(r"jwt\.h"), "PkgConfig::JWT"),
    (re.compile(r"openssl/.*"), "OpenSSL::"),
    (re.compile(r"boost/json(\.hpp|/.*)"), "Boost::json"),
    (re.compile(r"toml\+\+/.*|toml\.hpp"), "tomlplusplus::"),
    (re.compile(r"CLI/.*"), "CLI11::"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
STAGE = re.compile(r"\bweir_stage\s*\(\s*(\w+)([^)]*)\)", re.S)
LINKS = re.compile(r"\btarget_link_libraries\s*\(\s*weir_(\w+)([^)]*)\)", re.S)
# Written in pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join([r"(?<![\w.$}/-])/wor" + r"k/", r"(?<![\w.$}/-])/hom" + r"e/[a-z]", r'"resolved"\s*:\s*"htt' + r"ps?:"]))
LEFT_OPEN = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def source_files(project):
    """Paths relative to the project of every file that it is made of."""
    listed = subprocess.run(["git", "-C", str(project), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(project)) for path in project.rglob("*") if path.is_file() and ".git" not in path.parts]
    return sorted(name for name in names if not any(part in name for part in NOT_OURS) and (project / name).is_file())


def link_edges(project):
    """{stage: [what it links]} of every weir_stage() and of what is linked to a stage later."""
    edges = {}
    for lists in sorted((project / "sidecar").glob("*/CMakeLists.txt")):
        text = re.sub(r"#[^\n]*", "", lists.read_text())
        for name, links in STAGE.findall(text):
            edges.setdefault(name, []).extend(links.split())
        for name, links in LINKS.findall(text):
            edges.setdefault(name, []).extend(word for word in links.split() if word not in ("PUBLIC", "PRIVATE", "INTERFACE"))
    return edges


def reachable(edges, stage):
    """Everything that `stage` links, directly or through another stage."""
    seen, queue = set(), [stage]
    while queue:
        for link in edges.get(queue.pop(), []):
            if link not in seen:
                seen.add(link)
                if link.startswith("weir_"):
                    queue.append(link.removeprefix("weir_"))
    return seen


def check_link_cycles(edges):
    return [f"sidecar/{stage}/CMakeLists.txt:1: weir_{stage} links itself through other stages; a stage never links the next one"
            for stage in sorted(edges) if f"weir_{stage}" in reachable(edges, stage)]


def check_includes(project, files, edges):
    findings = []
    for name in files:
        parts = Path(name).parts
        if len(parts) < 3 or parts[0] != "sidecar" or Path(name).suffix not in (".cpp", ".hpp"):
            continue
        stage = parts[1]
        if stage not in edges:
            findings.append(f"{name}:1: the folder sidecar/{stage} has no weir_stage() in its CMakeLists.txt")
            continue
        links = reachable(edges, stage)
        for number, line in enumerate((project / name).read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match.group(1)
            folder = header.split("/")[0]
            if "/" in header and folder in edges and folder != stage and f"weir_{folder}" not in links:
                findings.append(f"{name}:{number}: includes {header}, but weir_{stage} does not link weir_{folder}: "
                                f"call a sink that app/pipeline hands in, or name the link in sidecar/{stage}/CMakeLists.txt")
            if header.count("/") > 1 and folder in edges and stage not in (folder, "app"):
                findings.append(f"{name}:{number}: includes {header}, the inside of weir_{folder}: only {folder} and app may; "
                                f"use a header of sidecar/{folder} itself, or move what is shared to a stage of its own")
            for pattern, link in PACKAGE_HEADERS:
                if pattern.fullmatch(header) and not any(known.startswith(link) for known in links):
                    findings.append(f"{name}:{number}: includes {header}, but weir_{stage} does not link {link}")
    return findings


def is_source(project, name):
    if Path(name).suffix in SOURCE_SUFFIXES:
        return True
    if Path(name).suffix or not name.startswith(SCRIPT_FOLDERS):
        return False
    with open(project / name, "rb") as file:
        return file.read(2) == b"#!"


def check_text(project, name):
    findings = []
    words = set(re.split(r"[/._-]", name.lower()))
    for word in sorted(words & FORBIDDEN_NAMES):
        findings.append(f"{name}:1: is called '{word}': name what it is about")
    try:
        lines = (project / name).read_text().splitlines()
    except UnicodeDecodeError:
        return findings
    if is_source(project, name):
        if len(lines) > MAX_LINES:
            findings.append(f"{name}:{len(lines)}: has {len(lines)} lines, {MAX_LINES} are allowed: which concept can leave it?")
        if Path(name).suffix in (".cpp", ".hpp") and not (lines and lines[0].startswith("//")):
            findings.append(f"{name}:1: does not open with a comment that says what it is")
    for number, line in enumerate(lines, 1):
        if MACHINE_PATHS.search(line):
            findings.append(f"{name}:{number}: names a path or an address of one machine: {line.strip()[:80]}")
        if is_source(project, name) and LEFT_OPEN.search(line):
            findings.append(f"{name}:{number}: is left open: {line.strip()[:80]}")
    return findings


def check_settings(project, files):
    """Every setting of the schema is named by the code that reads it."""
    schema = project / "schemas/config.schema.json"
    if not schema.exists():
        return []
    code = "".join((project / name).read_text() for name in files if name.startswith("sidecar/") and name.endswith((".cpp", ".hpp")))
    keys = [f"{section}.{key}" for section, table in json.loads(schema.read_text())["properties"].items() for key in table.get("properties", {})]
    return [f"schemas/config.schema.json: nothing reads the setting {key}" for key in keys if f'"{key}"' not in code]


def check(project):
    files = source_files(project)
    edges = link_edges(project)
    findings = check_link_cycles(edges) + check_includes(project, files, edges) + check_settings(project, files)
    for name in files:
        findings += check_text(project, name)
    return files, edges, findings


def main():
    if len(sys.argv) != 2:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    files, edges, findings = check(Path(sys.argv[1]).resolve())
    for finding in findings:
        print(finding)
    print(f"{len(files)} files, {len(edges)} stages: {len(findings)} findings")
    if not edges:
        print("no weir_stage() was found: is this the project's folder?")
        return 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
