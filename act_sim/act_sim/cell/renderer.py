# SPDX-License-Identifier: Apache-2.0
"""Camera images of the simulated cell, without a display."""

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from act_core.errors import suggestion
from act_core.robot.robot_spec import CameraSpec
from act_sim.errors import SimError


class CellRenderer:
    """Renders chosen cameras of a model.

    Shadows and multisampling cost five to ten times the rest on a machine without a GPU (the
    shadow pass and the resolve do not shrink with the image); they are off unless asked for.
    A policy must be trained and run with the same choice.

    Raises:
        SimError: the model lacks a camera, or no OpenGL can be had.
    """

    def __init__(
        self, model: mujoco.MjModel, cameras: Sequence[CameraSpec], *, shadows: bool = False
    ) -> None:
        known = [model.camera(i).name for i in range(model.ncam)]
        for camera in cameras:
            if camera.name not in known:
                raise SimError(
                    f"the model has no camera '{camera.name}'{suggestion(camera.name, known)}"
                )
        self._cameras = tuple(cameras)
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}
        samples = model.vis.quality.offsamples
        model.vis.quality.offsamples = samples if shadows else 0
        for camera in cameras:
            size = (camera.height_px, camera.width_px)
            if size not in self._renderers:
                model.vis.global_.offheight = max(model.vis.global_.offheight, size[0])
                model.vis.global_.offwidth = max(model.vis.global_.offwidth, size[1])
                self._renderers[size] = _new_renderer(model, size, shadows)

    def render(self, data: mujoco.MjData) -> dict[str, NDArray[np.uint8]]:
        """Return camera → (H, W, 3) uint8, RGB, upright."""
        images = {}
        for camera in self._cameras:
            renderer = self._renderers[camera.height_px, camera.width_px]
            renderer.update_scene(data, camera=camera.name)
            images[camera.name] = renderer.render()
        return images

    def close(self) -> None:
        """Free the OpenGL contexts."""
        for renderer in self._renderers.values():
            renderer.close()


def _new_renderer(model: mujoco.MjModel, size: tuple[int, int], shadows: bool) -> mujoco.Renderer:
    try:
        renderer = mujoco.Renderer(model, *size)
    except (RuntimeError, ImportError, AttributeError, OSError) as error:
        raise SimError(
            f"no OpenGL for off-screen images ({error}); set MUJOCO_GL=egl or MUJOCO_GL=osmesa "
            "and install libegl1 libgl1-mesa-dri or libosmesa6"
        ) from error
    renderer.scene.flags[mujoco.mjtRndFlag.mjRND_SHADOW] = shadows
    renderer.scene.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = shadows
    return renderer
