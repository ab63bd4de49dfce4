"""run_cases.py [NAME…]: runs the cases of this folder (those whose name holds a NAME), one line each, and ends with the
counts. A case that cannot be run here says why and counts as skipped."""
import sys
import time
import unittest
from pathlib import Path


class LineResult(unittest.TestResult):
    """One line per case, the reason under it when it failed or was skipped."""

    def __init__(self):
        super().__init__()
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def line(self, word, test, remark=""):
        print(f"{word:8} {test.id()} ({time.monotonic() - self.started:.1f} s){remark}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.line("passed", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped: {test.id()}: {reason}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("FAILED", test, "\n" + self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        if hasattr(self, "started"):
            self.line("FAILED", test, "\n" + self.errors[-1][1])
        else:
            print(f"FAILED   {test}\n{self.errors[-1][1]}", flush=True)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            print(f"FAILED   {subtest.id()}\n{self._exc_info_to_string(err, test)}", flush=True)


def chosen(suite, names):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from chosen(item, names)
        elif not names or any(name in item.id() for name in names):
            yield item


def main():
    folder = Path(__file__).resolve().parent
    sys.path.insert(0, str(folder))
    found = unittest.defaultTestLoader.discover(str(folder), pattern="test_*.py")
    suite = unittest.TestSuite(chosen(found, sys.argv[1:]))
    if suite.countTestCases() == 0:
        print(f"no case is called {' or '.join(sys.argv[1:])}", file=sys.stderr)
        return 2
    result = LineResult()
    suite.run(result)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
