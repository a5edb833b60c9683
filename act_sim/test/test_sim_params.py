# SPDX-License-Identifier: Apache-2.0
import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("act_interfaces")

from rclpy.node import Node  # noqa: E402

from act_core.errors import ParameterError  # noqa: E402
from act_core.robot.robot_spec import CameraSpec  # noqa: E402
from act_core.ros.params import declare  # noqa: E402
from act_sim.demonstrator.demonstrator_params import DemonstratorParams  # noqa: E402
from act_sim.evaluation.evaluate_params import EvaluateParams  # noqa: E402
from act_sim.sim_params import SimParams, parse_camera  # noqa: E402

pytestmark = pytest.mark.ros


@pytest.mark.parametrize("kind", [SimParams, DemonstratorParams, EvaluateParams])
def test_defaults_are_within_their_own_bounds(kind):
    context = rclpy.Context()
    rclpy.init(context=context)
    node = Node("probe", context=context, start_parameter_services=False, enable_rosout=False)
    try:
        assert declare(node, kind) == kind()
    finally:
        node.destroy_node()
        context.shutdown()


def test_camera_is_read():
    assert parse_camera("left_wrist:240x320") == CameraSpec("left_wrist", 240, 320)


@pytest.mark.parametrize(
    "text",
    ["", "angle", "angle:240", "angle:240x", "angle:240x320x3", "a b:1x1", ":1x1", "a:-1x2"],
)
def test_text_that_is_no_camera_is_refused_with_an_example(text):
    with pytest.raises(ParameterError) as caught:
        parse_camera(text)
    assert str(caught.value) == (
        f"camera '{text}' is not name:HEIGHTxWIDTH, for example angle:240x320"
    )


def test_empty_entries_stand_for_no_extra_camera():
    assert SimParams().cameras() == []
    params = SimParams(extra_cameras=["", "angle:24x32"])
    assert params.cameras() == [CameraSpec("angle", 24, 32)]
