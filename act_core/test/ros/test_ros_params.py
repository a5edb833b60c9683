# SPDX-License-Identifier: Apache-2.0
from dataclasses import FrozenInstanceError, dataclass

import pytest

rclpy = pytest.importorskip("rclpy")

from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402

from act_core.errors import ParameterError  # noqa: E402
from act_core.ros.params import declare, param  # noqa: E402

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


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"rate": 20.0}, "unknown parameter 'rate'; did you mean 'rate_hz'? Known: active"),
        ({"rate_hz": "fast"}, "'rate_hz' to 'fast' of type 'STRING', expecting type 'DOUBLE'"),
        ({"rate_hz": True}, "'rate_hz' to 'True' of type 'BOOL', expecting type 'DOUBLE'"),
        ({"count": 2.5}, "'count' to '2.5' of type 'DOUBLE', expecting type 'INTEGER'"),
        ({"active": 1}, "'active' to '1' of type 'INTEGER', expecting type 'BOOL'"),
        ({"cameras": "top"}, "'cameras' to 'top' of type 'STRING', expecting type 'STRING_ARRAY'"),
        ({"rate_hz": 101.0}, "rate_hz out of range Min: 1.0, Max: 100.0, value: 101.0"),
        ({"rate_hz": 0}, "rate_hz out of range Min: 1.0, Max: 100.0, value: 0.0"),
        ({"count": 0}, "Parameter count out of range. Min: 1, "),
        ({"mode": "sof"}, "parameter 'mode' is 'sof'; did you mean 'soft'? Known: hard, soft"),
    ],
)
def test_wrong_value_is_refused_with_node_and_name(declared, values, text):
    with pytest.raises(ParameterError) as caught:
        declared(**values)
    assert str(caught.value).startswith("node 'probe': ")
    assert text in str(caught.value)
