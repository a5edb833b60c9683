# SPDX-License-Identifier: Apache-2.0
"""What an episode's recording says on /tf is where the simulator has the links."""

from pathlib import Path

import numpy as np
import pytest

mujoco = pytest.importorskip("mujoco", reason="compares with MuJoCo: run `make setup`")
pytest.importorskip("rosbags")

from rosbags.highlevel import AnyReader  # noqa: E402
from scipy.spatial.transform import Rotation  # noqa: E402

from act_core.episode.meta import EpisodeMeta  # noqa: E402
from act_core.episode.writer import EpisodeWriter  # noqa: E402
from act_core.observation import JointSample, RawObservation  # noqa: E402
from act_core.robot.robot_file import load_robot  # noqa: E402
from act_recorder.dataset.command import main  # noqa: E402
from act_sim.cell.cell_model import load_model  # noqa: E402
from act_sim.tasks import task_named  # noqa: E402

pytestmark = [pytest.mark.sim, pytest.mark.ros]

URDF = Path(__file__).resolve().parents[2] / "act_sim" / "urdf" / "aloha_sim.urdf"
SPEC = load_robot("aloha_sim")
ROWS = 8


@pytest.fixture(scope="module")
def poses():
    """Raw joint values of the rows, by joint name."""
    rng = np.random.default_rng(3)
    columns = rng.uniform(SPEC.lower, SPEC.upper, (ROWS, SPEC.dim)).astype(np.float32)
    return columns, [
        dict(zip(SPEC.state.names, SPEC.state.to_raw(c), strict=True)) for c in columns
    ]


@pytest.fixture(scope="module")
def messages(poses, tmp_path_factory):
    """Topic → messages of the recording of an episode with these poses."""
    folder, nan = tmp_path_factory.mktemp("bag"), np.full(SPEC.dim, np.nan)
    writer = EpisodeWriter(folder / "in", EpisodeMeta.for_robot(SPEC, sim=True), {})
    for k, column in enumerate(poses[0]):
        joints = JointSample((k + 1) * SPEC.period_ns, column, nan, nan)
        writer.append(RawObservation(joints, {}, {}), column, joints.stamp_ns)
    writer.finish()
    words = [folder / "in", folder / "bags", "--to", "rosbag", "--urdf", URDF]
    assert main(["convert", *map(str, words)]) == 0
    found: dict[str, list] = {}
    with AnyReader([folder / "bags" / "episode_0"]) as reader:
        for connection, _, data in reader.messages():
            message = reader.deserialize(data, connection.msgtype)
            found.setdefault(connection.topic, []).append(message)
    return found


def _place(transform):
    """Return a transform as a matrix (4, 4)."""
    matrix = np.eye(4)
    shift, turn = transform.translation, transform.rotation
    matrix[:3, :3] = Rotation.from_quat([turn.x, turn.y, turn.z, turn.w]).as_matrix()
    matrix[:3, 3] = shift.x, shift.y, shift.z
    return matrix


def test_links_are_where_the_simulator_has_them(messages, poses):
    model = load_model(task_named("transfer_cube"))
    data = mujoco.MjData(model)
    (fixed,) = messages["/tf_static"]
    assert messages["/robot_description"][0].data == URDF.read_text()
    assert len(messages["/tf"]) == ROWS
    for k, moved in enumerate(messages["/tf"]):
        for name, value in poses[1][k].items():
            data.joint(name).qpos[0] = value
        for side in ("left", "right"):
            left = data.joint(f"vx300s_{side}/left_finger").qpos[0]
            data.joint(f"vx300s_{side}/right_finger").qpos[0] = -left
        mujoco.mj_kinematics(model, data)
        frames = {t.child_frame_id: t for t in (*fixed.transforms, *moved.transforms)}
        links = [name for name in frames if name.startswith("vx300s")]
        assert len(links) == 18
        for link in links:
            place, at = np.eye(4), link
            while at in frames:
                place = _place(frames[at].transform) @ place
                at = frames[at].header.frame_id
            assert at == "world"
            body = data.body(link)
            np.testing.assert_allclose(place[:3, 3], body.xpos, atol=1e-6, err_msg=link)
            np.testing.assert_allclose(
                place[:3, :3], body.xmat.reshape(3, 3), atol=1e-6, err_msg=link
            )
        stamp = moved.transforms[0].header.stamp
        assert stamp.sec * 10**9 + stamp.nanosec == (k + 1) * SPEC.period_ns
