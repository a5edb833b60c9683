# SPDX-License-Identifier: Apache-2.0
import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("act_interfaces")

from rclpy.node import Node  # noqa: E402

from act_core.ros.params import declare  # noqa: E402
from act_recorder.record_session_params import RecordParams  # noqa: E402
from act_recorder.recorder_params import RecorderParams  # noqa: E402

pytestmark = pytest.mark.ros


@pytest.mark.parametrize("kind", [RecorderParams, RecordParams])
def test_defaults_are_within_their_own_bounds(kind):
    context = rclpy.Context()
    rclpy.init(context=context)
    node = Node("probe", context=context, start_parameter_services=False, enable_rosout=False)
    try:
        assert declare(node, kind) == kind()
    finally:
        node.destroy_node()
        context.shutdown()
