# SPDX-License-Identifier: Apache-2.0
"""Films a camera's topic, each frame under the task state of its own tick."""

from rclpy.node import Node
from sensor_msgs.msg import Image

from act_core.robot.robot_spec import CameraSpec
from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_core.ros.messages.images import read_image
from act_core.ros.messages.stamps import to_ns
from act_interfaces.msg import TaskState
from act_sim.evaluation.film import Film
from act_sim.tasks.task import SUCCESS_REWARD

MOST_WAITING = 50


class RolloutFilm:
    """Frames and labels wait for each other by stamp; a tick that is repeated counts once.

    Args:
        node: to subscribe with.
        camera: to film.
        film: gets the frames.

    Attributes:
        on: whether it films now.
    """

    def __init__(self, node: Node, camera: CameraSpec, film: Film) -> None:
        self._camera, self._film = camera, film
        self.on = False
        self._frames: dict[int, Image] = {}
        self._labels: dict[int, str] = {}
        self._filmed_ns = -1
        subscription(node, Image, f"{camera.name}/image_raw", self._on_image, qos.LOCKSTEP)

    def skip_to(self, stamp_ns: int) -> None:
        """Leave out every frame before `stamp_ns`."""
        self._filmed_ns = max(self._filmed_ns, stamp_ns - 1)

    def label(self, state: TaskState) -> None:
        """Take the task state of a tick."""
        if self.on:
            text = f"seed {state.seed}  stage {state.stage}/{SUCCESS_REWARD}"
            self._labels[to_ns(state.header.stamp)] = text
            self._film_what_is_whole()

    def _on_image(self, message: Image) -> None:
        if self.on:
            self._frames[to_ns(message.header.stamp)] = message
            self._film_what_is_whole()

    def _film_what_is_whole(self) -> None:
        for stamp_ns in sorted(self._frames.keys() & self._labels.keys()):
            frame, label = self._frames.pop(stamp_ns), self._labels.pop(stamp_ns)
            if stamp_ns > self._filmed_ns:
                self._filmed_ns = stamp_ns
                self._film.add(read_image(frame, self._camera), label)
        for waiting in (self._frames, self._labels):
            while len(waiting) > MOST_WAITING:
                del waiting[min(waiting)]
