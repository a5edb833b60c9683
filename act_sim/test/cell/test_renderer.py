# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import CameraSpec
from act_sim.cell.renderer import CellRenderer
from act_sim.cell.world import World
from act_sim.errors import SimError

pytestmark = pytest.mark.sim

TOP = CameraSpec("top", 240, 320)
FOVY_RAD = np.deg2rad(78.0)


@pytest.fixture(scope="module")
def world():
    return World(load_robot("aloha_sim"), "transfer_cube")


@pytest.fixture(scope="module")
def renderer(world):
    renderer = CellRenderer(world.model, [TOP, CameraSpec("angle", 60, 80)])
    yield renderer
    renderer.close()


def _pixel(world, point):
    """Project a world point through the ideal top camera: (column, row)."""
    camera = world.data.cam("top")
    x, y, z = camera.xmat.reshape(3, 3).T @ (point - camera.xpos)
    focal = 0.5 * TOP.height_px / np.tan(FOVY_RAD / 2)
    return TOP.width_px / 2 + focal * x / -z, TOP.height_px / 2 - focal * y / -z


def _red(image):
    red, green, blue = np.moveaxis(image.astype(int), -1, 0)
    return (red > 100) & (red > 2 * green) & (red > 2 * blue)


@pytest.mark.parametrize("place", [(0.02, 0.42), (0.18, 0.42), (0.02, 0.58), (0.18, 0.58)])
def test_the_red_cube_is_where_the_camera_should_see_it(world, renderer, place):
    world.reset_to(np.array([*place, 0.05, 1.0, 0.0, 0.0, 0.0]))
    rows, columns = np.nonzero(_red(renderer.render(world.data)["top"]))
    assert len(rows) > 20
    column, row = _pixel(world, np.array([*place, 0.05]))
    assert column > 160, "the cube starts in the right half"
    assert columns.mean() + 0.5 == pytest.approx(column, abs=3)
    assert rows.mean() + 0.5 == pytest.approx(row, abs=3)


def test_each_camera_gives_its_own_size_and_view(world, renderer):
    world.reset(0)
    images = renderer.render(world.data)
    assert {name: image.shape for name, image in images.items()} == {
        "top": (240, 320, 3),
        "angle": (60, 80, 3),
    }
    assert all(image.dtype == np.uint8 for image in images.values())
    assert not np.array_equal(images["top"][::4, ::4], images["angle"])


def test_images_are_the_callers_own(world, renderer):
    world.reset(0)
    first = renderer.render(world.data)["top"]
    kept = first.copy()
    world.reset(1)
    renderer.render(world.data)
    np.testing.assert_array_equal(first, kept)


def test_unknown_camera_is_answered_with_those_of_the_model(world):
    with pytest.raises(SimError) as caught:
        CellRenderer(world.model, [TOP, CameraSpec("tpo", 24, 32)])
    assert str(caught.value) == (
        "the model has no camera 'tpo'; did you mean 'top'? Known: angle, front_close, "
        "left_pillar, left_wrist, right_pillar, right_wrist, top"
    )
