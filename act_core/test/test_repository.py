# SPDX-License-Identifier: Apache-2.0
"""Rules that hold for the whole repository and that no linter here checks."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent for path in ROOT.glob("*/package.xml"))
SETUP_FILES = [package / "setup.py" for package in PACKAGES if (package / "setup.py").exists()]
SOURCES = sorted(path for package in [*PACKAGES, ROOT / "tools"] for path in package.rglob("*.py"))

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def keyword(call: ast.Call, name: str) -> object:
    """Return the constant that ``call`` passes as ``name``, None without one."""
    for item in call.keywords:
        if item.arg == name and isinstance(item.value, ast.Constant):
            return item.value.value
    return None


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count from ``def`` to the last line, without the docstring."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = function_lines(node)
            if lines > MAX_FUNCTION_LINES:
                yield f"{node.lineno}: {node.name} has {lines} lines"


def setup_call(setup_file: Path) -> ast.Call:
    for node in ast.walk(parse(setup_file)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setup":
            return node
    raise AssertionError(f"{relative(setup_file)} calls no setup()")


def console_scripts() -> list[tuple[str, str]]:
    """List ``(folder of the package, "name = package.module:function")`` of each executable."""
    scripts = []
    for setup_file in SETUP_FILES:
        for node in ast.walk(setup_call(setup_file)):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and " = " in text and ":" in text:
                scripts.append((setup_file.parent.name, text))
    return scripts


def has_main_guard(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"
        for node in tree.body
    )


def test_all_packages_are_found():
    names = {package.name for package in PACKAGES}
    assert names >= {
        "act_core",
        "act_interfaces",
        "act_policy",
        "act_recorder",
        "act_sim",
        "act_teleop",
    }
    assert len(SETUP_FILES) >= 5


def test_every_package_has_the_same_version():
    versions = {
        relative(package / "package.xml"): ElementTree.parse(package / "package.xml").findtext(
            "version"
        )
        for package in PACKAGES
    }
    for setup_file in SETUP_FILES:
        versions[relative(setup_file)] = keyword(setup_call(setup_file), "version")
    assert None not in versions.values(), versions
    assert len(set(versions.values())) == 1, versions


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_and_its_functions_are_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_FILE_LINES, f"{relative(path)} has {lines} lines"
    assert list(long_functions(parse(path))) == []


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_states_its_licence_first(path):
    first_line = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first_line == "# SPDX-License-Identifier: Apache-2.0"


def error_texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and end of each text that an exception is made with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error") and node.args:
            text = node.args[0]
            last = text.values[-1] if isinstance(text, ast.JoinedStr) else text
            if isinstance(last, ast.Constant) and isinstance(last.value, str):
                yield node.lineno, last.value


def documented_constructors(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        is_constructor = isinstance(node, ast.FunctionDef) and node.name == "__init__"
        if is_constructor and ast.get_docstring(node) is not None:
            yield f"line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_speaks_one_dialect(path):
    tree = parse(path)
    assert [f"line {n}: {t}" for n, t in error_texts(tree) if t.endswith(".")] == []
    assert list(documented_constructors(tree)) == []  # the class says it
    banners = [line for line in path.read_text().splitlines() if line.startswith(("# --", "# =="))]
    assert banners == []


def test_test_files_have_unique_names():
    # pytest imports test files by their base name, so a second one would hide the first.
    counts = Counter(path.name for path in SOURCES if path.name.startswith("test_"))
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(("folder", "script"), console_scripts(), ids=lambda value: value)
def test_executable_is_also_a_module_to_run(folder, script):
    name, _, target = script.partition(" = ")
    assert target == f"{(ROOT / folder / 'resource').iterdir().__next__().name}.executables:{name}"
    table = parse(ROOT / folder / f"{target.partition(':')[0].replace('.', '/')}.py")
    modules = {
        ast.unparse(node.targets[0]): node.value.args[0].value
        for node in table.body
        if isinstance(node, ast.Assign)
    }
    path = ROOT / folder / f"{modules[name].replace('.', '/')}.py"
    tree = parse(path)
    assert "main" in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert has_main_guard(tree), f"{relative(path)} has no 'if __name__ == \"__main__\":'"


def test_check_counts_lines_without_the_docstring():
    body = "    x = 1\n" * MAX_FUNCTION_LINES
    source = f'def f():\n    """One.\n\n    Two.\n    """\n{body}'
    assert list(long_functions(ast.parse(source))) == ["1: f has 41 lines"]
    shorter = source.removesuffix("    x = 1\n")
    assert list(long_functions(ast.parse(shorter))) == []
