# SPDX-License-Identifier: Apache-2.0
"""What the simulated robot publishes: one tick on all of its topics, and the same again."""

import time
from typing import Any

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rosgraph_msgs.msg import Clock as ClockMessage
from sensor_msgs.msg import CameraInfo, Image, JointState
from visualization_msgs.msg import MarkerArray

from act_core.ros import qos
from act_core.ros.endpoints import publisher
from act_core.ros.messages.images import pinhole_info, write_image
from act_core.ros.messages.stamps import to_stamp
from act_interfaces.msg import TaskState
from act_sim.cell.sensor_faults import FaultySensors, SensorFaults
from act_sim.cell.session import SimSession, Tick
from act_sim.sim_messages import joint_state, object_markers, task_state

MARKER_TICKS = 5


class SimPublishers:
    """Publishers of joint states, images, clock, task state and markers.

    Args:
        node: to publish with.
        session: whose cameras and world are published.
        faults: of the sensors through which they are seen.
    """

    def __init__(self, node: Node, session: SimSession, faults: SensorFaults) -> None:
        self._session, self._sensors = session, FaultySensors(faults)
        self._sent: list[tuple[Publisher, Any]] = []
        self._sent_at_s = time.monotonic()
        self._clock = publisher(node, ClockMessage, "/clock", qos.CLOCK)
        self._joints = publisher(node, JointState, "joint_states", qos.JOINT_STATES)
        self._task = publisher(node, TaskState, "task_state", qos.TASK_STATE)
        self._markers = publisher(node, MarkerArray, "scene_markers", qos.MARKERS)
        self._cameras = {
            c.name: (
                c,
                publisher(node, Image, f"{c.name}/image_raw", qos.IMAGES),
                publisher(node, CameraInfo, f"{c.name}/camera_info", qos.IMAGES),
            )
            for c in session.cameras
        }

    def send(self, tick: Tick) -> None:
        """Publish a tick."""
        session, world = self._session, self._session.world()
        clock = ClockMessage(clock=to_stamp(tick.stamp_ns))
        out: list[tuple[Publisher, Any]] = [(self._clock, clock)]
        for stamp_ns, name, image in self._sensors.arrived(tick.images, tick.stamp_ns):
            camera, images, infos = self._cameras[name]
            frame = f"{name}_optical_frame"
            fovy_rad = float(np.deg2rad(world.model.camera(name).fovy[0]))
            out.append((infos, pinhole_info(camera, fovy_rad, stamp_ns, frame)))
            out.append((images, write_image(image, stamp_ns, frame)))
        noise = self._sensors.joint_noise(world.spec.dim) * world.spec.state.span
        out.append((self._joints, joint_state(tick, world, noise)))
        out.append((self._task, task_state(tick, session.episode, session.max_ticks())))
        if tick.index % MARKER_TICKS == 0:
            out.append((self._markers, object_markers(tick, world)))
        self._sent = out
        self._publish()

    def repeat(self, after_s: float) -> bool:
        """Publish the tick that is out again if that was `after_s` ago; tell whether it was."""
        if time.monotonic() - self._sent_at_s < after_s:
            return False
        self._publish()
        return True

    def _publish(self) -> None:
        self._sent_at_s = time.monotonic()
        for out, message in self._sent:
            out.publish(message)
