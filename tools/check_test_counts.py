# SPDX-License-Identifier: Apache-2.0
"""Fail if ``colcon test`` ran no test in one of the Python packages.

colcon passes a package whose tests it did not find, so that a green run alone proves nothing.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent


def python_packages() -> list[str]:
    """List the ament_python packages of the workspace by name."""
    manifests = sorted(ROOT.glob("*/package.xml"))
    return [
        ElementTree.parse(path).findtext("name", default="")
        for path in manifests
        if ElementTree.parse(path).findtext("export/build_type") == "ament_python"
    ]


def tests_run(package: str) -> int:
    """Count the tests of ``package`` that ran and were not skipped, 0 without a report."""
    report = ROOT / "build" / package / "pytest.xml"
    if not report.exists():
        return 0
    suites = ElementTree.parse(report).iter("testsuite")
    return sum(int(suite.get("tests", 0)) - int(suite.get("skipped", 0)) for suite in suites)


def main() -> int:
    """Print the number of tests of each package; return 1 if one ran none."""
    counts = {package: tests_run(package) for package in python_packages()}
    for package, count in counts.items():
        print(f"{package:14} {count:5} tests")
    empty = [package for package, count in counts.items() if count == 0]
    if empty:
        print(f"check_test_counts.py: no test ran in {', '.join(empty)}", file=sys.stderr)
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())
