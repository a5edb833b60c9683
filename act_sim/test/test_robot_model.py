# SPDX-License-Identifier: Apache-2.0
"""The URDF that RViz draws moves as the simulated robot does and sits where its cameras are."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from act_core.robot.robot_file import load_robot
from act_core.yaml_file import parse_yaml

mujoco = pytest.importorskip("mujoco", reason="compares with MuJoCo: run `make setup`")
from act_sim.cell.cell_model import MIRROR_FINGER, load_model  # noqa: E402
from act_sim.tasks import task_named  # noqa: E402

pytestmark = pytest.mark.sim

SIM = Path(__file__).resolve().parents[1]
TOLERANCE = 1e-6  # m, and of rotation matrices
# MuJoCo's cameras look along -z with y up; optical frames along z with y down.
OPTICAL = np.diag([1.0, -1.0, -1.0])

Pose = tuple[NDArray[np.float64], NDArray[np.float64]]


class Model:
    """A URDF's joints and forward kinematics."""

    def __init__(self, path: Path) -> None:
        root = ElementTree.parse(path).getroot()
        self.links = [link.attrib["name"] for link in root.iter("link")]
        self.joints = list(root.iter("joint"))
        self.parent_joint = {j.find("child").attrib["link"]: j for j in self.joints}

    @property
    def movable(self) -> dict[str, ElementTree.Element]:
        return {j.attrib["name"]: j for j in self.joints if j.attrib["type"] != "fixed"}

    def pose(self, link: str, positions: dict[str, float]) -> Pose:
        """Return rotation (3, 3) and translation (3,) of `link` in the root's frame."""
        joint = self.parent_joint.get(link)
        if joint is None:
            return np.eye(3), np.zeros(3)
        rotation, translation = self.pose(joint.find("parent").attrib["link"], positions)
        origin = joint.find("origin").attrib
        translation = translation + rotation @ numbers(origin["xyz"])
        # URDF: fixed axes, roll about x first.
        rotation = (
            rotation @ Rotation.from_euler("xyz", numbers(origin.get("rpy", "0 0 0"))).as_matrix()
        )
        if joint.attrib["type"] == "fixed":
            return rotation, translation
        value = positions[joint.attrib["name"]] * numbers(joint.find("axis").attrib["xyz"])
        if joint.attrib["type"] == "prismatic":
            return rotation, translation + rotation @ value
        return rotation @ Rotation.from_rotvec(value).as_matrix(), translation


def numbers(text: str) -> NDArray[np.float64]:
    return np.array([float(word) for word in text.split()])


@pytest.fixture(scope="module")
def urdf() -> Model:
    return Model(SIM / "urdf" / "aloha_sim.urdf")


@pytest.fixture(scope="module")
def mjcf():
    return load_model(task_named("transfer_cube"))


def test_movable_joints_are_those_of_joint_states(urdf):
    spec = load_robot("aloha_sim")
    mirrors = {arm.state_prefix + MIRROR_FINGER for arm in spec.arms}
    assert set(urdf.movable) == {*spec.state.names, *mirrors}


def test_limits_are_the_simulators(urdf, mjcf):
    for name, joint in urdf.movable.items():
        limit = joint.find("limit").attrib
        expected = mjcf.joint(name).range
        assert [float(limit["lower"]), float(limit["upper"])] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_every_link_is_where_the_simulator_has_it(urdf, mjcf, seed):
    rng = np.random.default_rng(seed)
    data = mujoco.MjData(mjcf)
    positions = {name: float(rng.uniform(*mjcf.joint(name).range)) for name in urdf.movable}
    for name, value in positions.items():
        data.joint(name).qpos[0] = value
    mujoco.mj_kinematics(mjcf, data)
    links = [name for name in urdf.links if name.startswith("vx300s") or name == "table"]
    assert len(links) == 19
    for name in links:
        rotation, translation = urdf.pose(name, positions)
        body = data.body(name)
        np.testing.assert_allclose(translation, body.xpos, atol=TOLERANCE, err_msg=name)
        np.testing.assert_allclose(rotation, body.xmat.reshape(3, 3), atol=TOLERANCE, err_msg=name)


def test_optical_frames_are_where_the_cameras_are(urdf, mjcf):
    data = mujoco.MjData(mjcf)
    mujoco.mj_forward(mjcf, data)
    cameras = [
        n.removesuffix("_optical_frame") for n in urdf.links if n.endswith("_optical_frame")
    ]
    assert {"top", "angle"} <= set(cameras)
    for name in cameras:
        rotation, translation = urdf.pose(f"{name}_optical_frame", {})
        expected = data.camera(name).xmat.reshape(3, 3) @ OPTICAL
        np.testing.assert_allclose(translation, data.camera(name).xpos, atol=TOLERANCE)
        np.testing.assert_allclose(rotation, expected, atol=TOLERANCE, err_msg=name)


def test_tree_has_one_root_and_every_link_once(urdf):
    assert len(urdf.links) == len(set(urdf.links))
    assert [name for name in urdf.links if name not in urdf.parent_joint] == ["world"]
    assert len(urdf.parent_joint) == len(urdf.joints)


def rviz_displays() -> dict[str, dict]:
    content = parse_yaml((SIM / "rviz" / "aloha.rviz").read_text(encoding="utf-8"))
    return {d["Name"]: d for d in content["Visualization Manager"]["Displays"]}


def test_rviz_shows_robot_camera_objects_and_frames(urdf):
    displays = rviz_displays()
    kinds = {d["Class"].removeprefix("rviz_default_plugins/") for d in displays.values()}
    assert kinds >= {"RobotModel", "Image", "MarkerArray", "TF"}
    topics = [
        next((d[key]["Value"] for key in ("Topic", "Description Topic") if key in d), None)
        for d in displays.values()
    ]
    camera = load_robot("aloha_sim").cameras[0].name
    assert {"robot_description", "scene_markers", f"{camera}/image_raw"} == {*topics} - {None}
    content = parse_yaml((SIM / "rviz" / "aloha.rviz").read_text(encoding="utf-8"))
    assert content["Visualization Manager"]["Global Options"]["Fixed Frame"] in urdf.links
