# SPDX-License-Identifier: Apache-2.0
"""Ticks of a session as ROS messages."""

import mujoco
import numpy as np
from geometry_msgs.msg import Pose
from numpy.typing import NDArray
from sensor_msgs.msg import JointState
from visualization_msgs.msg import Marker, MarkerArray

from act_core.ros.messages.stamps import to_stamp
from act_interfaces.msg import TaskState
from act_sim.cell.session import EpisodeState, Tick
from act_sim.cell.world import World

WORLD_FRAME = "world"


def joint_state(tick: Tick, world: World, noise: NDArray[np.float64]) -> JointState:
    """Return the robot's joints with (D,) noise and, for displays, the mirrored fingers; SI units.

    Positions are MuJoCo's own numbers, not converted there and back, so that a reader gets the
    very vector that a caller in the same process gets.
    """
    channel, joints, data = world.spec.state, world.joints, world.data
    message = JointState()
    message.header.stamp = to_stamp(tick.stamp_ns)
    message.name = [*channel.names, *joints.mirror_names]
    message.position = [
        *(data.qpos[joints.qpos] + noise).tolist(),
        *data.qpos[joints.mirror_qpos].tolist(),
    ]
    message.velocity = [
        *data.qvel[joints.qvel].tolist(),
        *data.qvel[joints.mirror_qvel].tolist(),
    ]
    message.effort = [
        *tick.joints.efforts.tolist(),
        *data.qfrc_actuator[joints.mirror_qvel].tolist(),
    ]
    return message


def task_state(tick: Tick, episode: EpisodeState, max_ticks: int) -> TaskState:
    """Return how the episode stands at `tick`."""
    message = TaskState(
        task=episode.task,
        episode=episode.number,
        seed=episode.seed,
        tick=tick.index,
        max_ticks=max_ticks,
        reward=tick.reward,
        stage=episode.stage,
        success=episode.success,
        held=episode.held,
        done=episode.done,
        aborted=episode.aborted,
        message=episode.message,
        object_names=list(tick.objects),
        object_poses=[to_pose(pose) for pose in tick.objects.values()],
    )
    message.header.stamp = to_stamp(tick.stamp_ns)
    message.header.frame_id = WORLD_FRAME
    return message


def to_pose(pose: NDArray[np.float64]) -> Pose:
    """Convert x y z, w x y z (MuJoCo's order) to a message."""
    message = Pose()
    p, q = message.position, message.orientation
    p.x, p.y, p.z, q.w, q.x, q.y, q.z = pose.tolist()
    return message


def from_pose(message: Pose) -> NDArray[np.float64]:
    """Convert a message to (7,) x y z, w x y z (MuJoCo's order)."""
    p, q = message.position, message.orientation
    return np.array([p.x, p.y, p.z, q.w, q.x, q.y, q.z])


def object_markers(tick: Tick, world: World) -> MarkerArray:
    """Return the boxes that the task's objects are made of, for RViz."""
    markers = []
    model, data = world.model, world.data
    for joint in world.task.object_joints.values():
        body = int(model.joint(joint).bodyid[0])
        first, count = int(model.body_geomadr[body]), int(model.body_geomnum[body])
        for geom in range(first, first + count):
            marker = Marker(ns="task_objects", id=geom, type=Marker.CUBE, action=Marker.ADD)
            marker.header.frame_id = WORLD_FRAME
            marker.header.stamp = to_stamp(tick.stamp_ns)
            quaternion = np.empty(4)
            mujoco.mju_mat2Quat(quaternion, data.geom_xmat[geom])
            marker.pose = to_pose(np.concatenate([data.geom_xpos[geom], quaternion]))
            size = (2 * model.geom_size[geom]).tolist()
            marker.scale.x, marker.scale.y, marker.scale.z = size
            rgba = model.geom_rgba[geom].tolist()
            marker.color.r, marker.color.g, marker.color.b, marker.color.a = rgba
            markers.append(marker)
    return MarkerArray(markers=markers)
