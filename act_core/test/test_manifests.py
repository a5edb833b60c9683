# SPDX-License-Identifier: Apache-2.0
"""Every package.xml names what the package's code, launch files and systems use, and no more."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [
    p.parent for p in sorted(ROOT.glob("*/package.xml")) if (p.parent / "setup.py").exists()
]
OURS = ("act_bringup", "act_core", "act_interfaces", "act_policy", "act_recorder", "act_sim",
        "act_teleop")  # fmt: skip
# Module → rosdep key, where it is not the name of a ROS package.
KEYS = {
    "av": "python3-av-pip",
    "cv2": "python3-opencv",
    "daqp": "python3-daqp-pip",
    "dm_control": "python3-dm-control-pip",
    "dynamixel_sdk": "dynamixel_sdk",
    "gym_aloha": "python3-gym-aloha-pip",
    "h5py": "python3-h5py",
    "honcho": "python3-honcho-pip",
    "hypothesis": "python3-hypothesis",
    "imageio": "python3-imageio",
    "joblib": "python3-joblib",
    "lightning_fabric": "python3-lightning-fabric-pip",
    "matplotlib": "python3-matplotlib",
    "mink": "python3-mink-pip",
    "mujoco": "python3-mujoco-pip",
    "nncf": "python3-nncf-pip",
    "numpy": "python3-numpy",
    "onnxruntime": "python3-onnxruntime-pip",
    "openvino": "python3-openvino-pip",
    "psutil": "python3-psutil",
    "pyarrow": "python3-pyarrow-pip",
    "pydantic": "python3-pydantic",
    "pydantic_core": "python3-pydantic",
    "pytest": "python3-pytest",
    "rosbags": "python3-rosbags-pip",
    "ruamel": "python3-ruamel.yaml",
    "safetensors": "python3-safetensors-pip",
    "scipy": "python3-scipy",
    "selenium": "python3-selenium",
    "serial": "python3-serial",
    "torch": "python3-torch",
    "torchvision": "python3-torchvision",
    "tqdm": "python3-tqdm",
}
# What nothing imports but runs all the same: a solver by its name, TensorBoard behind torch's
# writer, ONNX behind its exporter, the command that reads launch files.
UNSEEN = {
    "act_sim": {"python3-daqp-pip"},
    "act_policy": {"python3-onnxscript-pip", "python3-tensorboard-pip"},
    "act_bringup": {"ros2launch"},
}


# Used where somebody has installed it; nothing needs it.
OPTIONAL = {"ray"}


def name_of(folder: Path) -> str:
    return ElementTree.parse(folder / "package.xml").findtext("name", default="")


def declared(folder: Path, *tags: str) -> set[str]:
    root = ElementTree.parse(folder / "package.xml").getroot()
    return {str(node.text) for tag in tags for node in root.findall(tag)}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def started(tree: ast.Module) -> Iterator[str]:
    """Yield the packages whose executables and launch files a system names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Process", "Include"):
            assert isinstance(node.args[0], ast.Constant), "packages are named where they stand"
            yield str(node.args[0].value)


def trees(files: list[Path]) -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in files]


def used(folder: Path, files: list[Path]) -> set[str]:
    """Return the keys of what `files` import beside Python and the package itself."""
    modules = {m.split(".")[0] for tree in trees(files) for m in imported(tree)}
    helpers = {path.stem for path in files}
    helpers |= {path.parent.name for path in files if "test" in path.parts}
    outside = modules - set(sys.stdlib_module_names) - {name_of(folder)} - helpers - OPTIONAL
    return {KEYS.get(module, module) for module in outside}


def expected_to_run(folder: Path, library: list[Path], launch_files: list[Path]) -> set[str]:
    keys = used(folder, [*library, *launch_files]) | UNSEEN.get(name_of(folder), set())
    keys |= {package for tree in trees(library) for package in started(tree)}
    if launch_files:  # act_core makes their descriptions
        keys.add("launch_ros")
    return keys - {name_of(folder)}


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda path: path.name)
def test_manifest_names_what_runs(folder):
    library = sorted((folder / name_of(folder)).rglob("*.py"))
    launch_files = sorted((folder / "launch").glob("*.launch.py"))
    expected = expected_to_run(folder, library, launch_files)
    assert declared(folder, "exec_depend", "depend") == expected


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda path: path.name)
def test_manifest_names_what_its_tests_use(folder):
    tests = sorted((folder / "test").rglob("*.py"))
    missing = used(folder, tests) - declared(folder, "exec_depend", "depend", "test_depend")
    assert missing == set()


def test_packages_depend_on_each_other_without_a_circle():
    arrows = {name_of(f): declared(f, "exec_depend", "depend") & set(OURS) for f in PACKAGES}
    arrows["act_interfaces"] = set()
    built: list[str] = []
    while len(built) < len(arrows):
        ready = [n for n, needs in arrows.items() if n not in built and needs <= set(built)]
        assert ready, f"a circle among {sorted(set(arrows) - set(built))}"
        built += ready
    assert all("act_bringup" not in needs for needs in arrows.values())
