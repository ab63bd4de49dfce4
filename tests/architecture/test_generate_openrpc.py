#!/usr/bin/env python3
"""Proves that generate_openrpc.py takes all that a method is from its schemas, on small folders of schemas."""
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "schemas"))
import generate_openrpc  # noqa: E402

BASE = {"openrpc": "1.3.2", "info": {"title": "Test"}, "components": {"errors": {name: {"code": -1, "message": name} for name in (
    "InvalidParams", "NotAuthenticated", "NotAllowed", "Cancelled", "TooBusy", "OverLimit", "InternalError")}}}
HEAD = {"summary": "Paints a door.", "role": "user", "runs": "api_thread"}
PARAMS = {"type": "object", "properties": {"colour": {"type": "string"}, "coats": {"type": "integer"}}, "required": ["colour"]}


class GenerateOpenrpc(unittest.TestCase):
    def document(self, head=None, params=None, name="doors.paint", files=None):
        with tempfile.TemporaryDirectory() as folder:
            texts = {"openrpc_base.json": BASE, f"methods/{name}.params.json": {"x-method": HEAD if head is None else head, **(params or PARAMS)},
                     f"methods/{name}.result.json": {"type": "object"}} | (files or {})
            for path, content in texts.items():
                if content is None:
                    continue
                file = Path(folder).resolve() / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(content))
            self.heads = generate_openrpc.as_cpp(Path(folder).resolve())
            return generate_openrpc.document(Path(folder).resolve())

    def errors(self, **head):
        method = self.document(head=HEAD | head)["methods"][0]
        return [error["$ref"].rsplit("/", 1)[1] for error in method["errors"]]

    def mistake(self, *words, **given):
        with self.assertRaises(generate_openrpc.Mistake) as caught:
            self.document(**given)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_two_schemas_are_a_method(self):
        method = self.document()["methods"][0]
        self.assertEqual((method["name"], method["summary"]), ("doors.paint", "Paints a door."))
        self.assertEqual([(p["name"], p["required"]) for p in method["params"]], [("colour", True), ("coats", False)])
        self.assertEqual(method["params"][1]["schema"]["$ref"], "methods/doors.paint.params.json#/properties/coats")
        self.assertEqual(method["result"]["schema"]["$ref"], "methods/doors.paint.result.json")

    def test_the_program_gets_role_and_place(self):
        self.document(head=HEAD | {"role": "admin", "runs": "pool_thread"})
        self.assertIn('{"doors.paint", RpcPlace::kPoolThread, Role::kAdmin},', self.heads)
        self.assertIn("kRpcMethodCount = 1;", self.heads)

    def test_params_of_another_file_are_listed_as_its_own(self):
        method = self.document(params={"allOf": [{"$ref": "../shapes/paint.json"}]}, files={"shapes/paint.json": PARAMS})["methods"][0]
        self.assertEqual([p["schema"]["$ref"] for p in method["params"]],
                         ["shapes/paint.json#/properties/colour", "shapes/paint.json#/properties/coats"])
        self.assertEqual(method["x-params"]["$ref"], "methods/doors.paint.params.json")

    def test_errors_follow_from_the_place(self):
        self.assertEqual(self.errors(), ["InvalidParams", "NotAuthenticated", "NotAllowed", "InternalError"])
        self.assertEqual(self.errors(runs="query_thread", errors=["OverLimit"]),
                         ["InvalidParams", "NotAuthenticated", "NotAllowed", "Cancelled", "TooBusy", "OverLimit", "InternalError"])

    def test_the_login_is_for_everybody(self):
        method = self.document(name="auth.login")["methods"][0]
        self.assertNotIn({"$ref": "#/components/errors/NotAllowed"}, method["errors"])

    def test_a_notification_is_no_method(self):
        document = self.document(files={"methods/door.opened.params.json": {"x-notification": {"summary": "A door is open."}, **PARAMS}})
        self.assertEqual([method["name"] for method in document["methods"]], ["doors.paint"])
        self.assertEqual([note["name"] for note in document["x-notifications"]], ["door.opened"])
        self.assertNotIn("result", document["x-notifications"][0])

    def test_a_schema_that_is_neither_is_named(self):
        self.mistake("door.opened.params.json", "x-notification", files={"methods/door.opened.params.json": PARAMS})

    def test_mistakes_of_a_head_are_named(self):
        self.mistake("doors.paint.params.json", "viewer, user, admin", head=HEAD | {"role": "boss"})
        self.mistake("doors.paint.params.json", "api_thread", head=HEAD | {"runs": "somewhere"})
        self.mistake("doors.paint.params.json", "summary", head=HEAD | {"summary": " "})
        self.mistake("doors.paint.params.json", "'rol'", head=HEAD | {"rol": "user"})
        self.mistake("doors.paint.params.json", "'TooTired'", head=HEAD | {"errors": ["TooTired"]})

    def test_a_method_without_a_result_is_named(self):
        self.mistake("doors.paint.result.json is missing", files={"methods/doors.paint.result.json": None})


if __name__ == "__main__":
    unittest.main()
