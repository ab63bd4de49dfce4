#!/usr/bin/env python3
"""Proves that check_sources.py finds what it is for, on small projects made in a temporary folder."""
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import check_sources  # noqa: E402

GOOD = {
    "sidecar/core/CMakeLists.txt": "weir_stage(core Boost::boost)\n",
    "sidecar/flow/CMakeLists.txt": "weir_stage(flow weir_core)\n",
    "sidecar/store/CMakeLists.txt": "weir_stage(store weir_flow PkgConfig::SQLITE)\n",
    "sidecar/core/clock.hpp": "// The time.\n",
    "sidecar/flow/session.hpp": '// A session.\n#include "core/clock.hpp"\n',
    "sidecar/store/store.cpp": '// The store.\n#include <sqlite3.h>\n#include "core/clock.hpp"\n#include "flow/session.hpp"\n',
}


class CheckSources(unittest.TestCase):
    def findings(self, **changes):
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder)
            for name, text in (GOOD | changes.get("files", {})).items():
                path = project / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return check_sources.check(project)[2]

    def only_finding(self, files, *words):
        findings = self.findings(files=files)
        self.assertEqual(len(findings), 1, findings)
        for word in words:
            self.assertIn(word, findings[0])

    def test_good_project_passes(self):
        self.assertEqual(self.findings(), [])

    def test_include_against_the_links(self):
        self.only_finding({"sidecar/flow/session.hpp": '// A session.\n\n#include "store/store.hpp"\n'}, "session.hpp:3", "weir_store")

    def test_transitive_link_allows_an_include(self):
        self.assertEqual(self.findings(files={"sidecar/store/row.hpp": '// A row.\n#include "core/clock.hpp"\n'}), [])

    def test_package_without_link(self):
        self.only_finding({"sidecar/flow/rows.cpp": "// Rows.\n#include <sqlite3.h>\n"}, "rows.cpp:2", "PkgConfig::SQLITE")

    def test_inside_of_another_stage(self):
        self.only_finding({"sidecar/query/CMakeLists.txt": "weir_stage(query weir_store)\n",
                           "sidecar/query/run.cpp": '// Runs.\n#include "store/disk/page.hpp"\n'}, "run.cpp:2", "the inside of weir_store")

    def test_inside_of_the_own_stage(self):
        self.assertEqual(self.findings(files={"sidecar/store/disk/page.cpp": '// A page.\n#include "store/disk/page.hpp"\n'}), [])

    def test_setting_that_nothing_reads(self):
        schema = {"properties": {"store": {"properties": {"dir": {}, "depth": {}}}}}
        self.only_finding({"schemas/config.schema.json": json.dumps(schema), "sidecar/flow/settings.cpp": '// Reads.\nauto dir = text("store.dir");\n'},
                          "store.depth", "nothing reads")

    def test_cycle(self):
        self.assertTrue(any("links itself" in finding for finding in
                            self.findings(files={"sidecar/core/CMakeLists.txt": "weir_stage(core weir_store)\n"})))

    def test_folder_without_stage(self):
        self.only_finding({"sidecar/loose/a.cpp": "// A.\n"}, "weir_stage")

    def test_long_file(self):
        self.only_finding({"sidecar/core/long.cpp": "// Long.\n" + "int x;\n" * 400}, "401 lines")

    def test_name(self):
        self.only_finding({"sidecar/core/string_utils.hpp": "// Strings.\n"}, "'utils'")

    def test_machine_path(self):
        self.only_finding({"sidecar/core/path.cpp": '// A path.\nauto p = "/wor' + 'k/main";\n'}, "path.cpp:2")

    def test_no_opening_comment(self):
        self.only_finding({"sidecar/core/bare.hpp": "#pragma once\n"}, "comment")


if __name__ == "__main__":
    unittest.main()
