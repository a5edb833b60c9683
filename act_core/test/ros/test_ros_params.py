# SPDX-License-Identifier: Apache-2.0
from dataclasses import FrozenInstanceError, dataclass

import pytest

rclpy = pytest.importorskip("rclpy")

from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402

from act_core.errors import ParameterError  # noqa: E402
from act_core.ros.params import declare  # noqa: E402
from act_core.system.declaration import param  # noqa: E402

pytestmark = pytest.mark.ros


@dataclass(frozen=True)
class Params:
    rate_hz: float = param(50.0, "Rate of the loop, Hz.", low=1.0, high=100.0)
    count: int = param(3, "How many.", low=1)
    mode: str = param("soft", "How hard.", choices=("soft", "hard"))
    active: bool = param(False, "Whether.")
    cameras: list[str] = param(["top"], "Which.")


@pytest.fixture
def declared():
    """Return a function: parameter values → a node with them, and what `declare` returns."""
    context = rclpy.Context()
    rclpy.init(context=context)
    nodes = []

    def build(**values):
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        nodes.append(
            Node(
                "probe", context=context, parameter_overrides=overrides,
                start_parameter_services=False, enable_rosout=False,
            )
        )  # fmt: skip
        return declare(nodes[-1], Params), nodes[-1]

    yield build
    for node in nodes:
        node.destroy_node()
    context.shutdown()


def test_defaults_hold_when_nothing_is_given(declared):
    params, _ = declared()
    assert params == Params()
    with pytest.raises(FrozenInstanceError):
        params.count = 4


def test_given_values_are_taken(declared):
    given = {"rate_hz": 20.0, "count": 5, "mode": "hard", "active": True, "cameras": ["a", "b"]}
    params, _ = declared(**given)
    assert params == Params(**given)
    assert isinstance(params.cameras, list)


def test_whole_number_stands_for_a_real_one(declared):
    params, node = declared(rate_hz=20)
    assert isinstance(params.rate_hz, float)
    assert params.rate_hz == node.get_parameter("rate_hz").value == 20.0


def test_parameters_of_rclpy_itself_are_allowed(declared):
    assert declared(use_sim_time=False)[0] == Params()


def test_parameters_describe_themselves_and_cannot_change_later(declared):
    _, node = declared()
    assert node.describe_parameter("mode").description == "How hard. One of: soft, hard."
    bounds = node.describe_parameter("rate_hz").floating_point_range[0]
    assert (bounds.from_value, bounds.to_value) == (1.0, 100.0)
    result = node.set_parameters([Parameter("count", value=4)])[0]
    assert not result.successful
    assert "read-only" in result.reason


def test_clock_cannot_change_under_a_running_node(declared):
    _, node = declared()
    result = node.set_parameters([Parameter("use_sim_time", value=True)])[0]
    assert not result.successful
    assert result.reason == "use_sim_time: read once, when the node starts"
    assert node.get_parameter("use_sim_time").value is False


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"rate": 20.0}, "unknown parameter 'rate'; did you mean 'rate_hz'? Known: active"),
        ({"rate_hz": "fast"}, "parameter rate_hz is 'fast', expected a number"),
        ({"rate_hz": True}, "parameter rate_hz is True, expected a number"),
        ({"count": 2.5}, "parameter count is 2.5, expected a whole number"),
        ({"active": 1}, "parameter active is 1, expected true or false"),
        ({"cameras": "top"}, "parameter cameras is 'top', expected a list of texts"),
        ({"rate_hz": 101.0}, "parameter rate_hz is 101, expected 1 … 100"),
        ({"rate_hz": 0}, "parameter rate_hz is 0, expected 1 … 100"),
        ({"count": 0}, "parameter count is 0, expected 1 …"),
        ({"mode": "sof"}, "parameter mode is 'sof'; did you mean 'soft'? Known: hard, soft"),
    ],
)
def test_wrong_value_is_refused_with_node_and_name(declared, values, text):
    with pytest.raises(ParameterError) as caught:
        declared(**values)
    assert str(caught.value).startswith("node 'probe': ")
    assert text in str(caught.value)
