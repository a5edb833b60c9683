# SPDX-License-Identifier: Apache-2.0
"""One replay from its first look at the robot to its end."""

import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import rclpy
from rclpy.signals import SignalHandlerOptions
from tqdm import tqdm

from act_core.episode.meta import EpisodeMeta
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.command_output import HEARD_S
from act_core.ros.endpoints import subscription
from act_core.ros.messages.stamps import to_ns
from act_core.ros.peers import check_single_publishers
from act_core.ros.process.run import StopRequest
from act_core.ros.process.script import Script
from act_interfaces.msg import TaskState
from act_interfaces.srv import ResetScene
from act_recorder.dataset.replay.command_player import CommandPlayer, PlayState
from act_recorder.dataset.replay.command_track import CommandTrack
from act_recorder.dataset.replay.motion_check import start_text
from act_recorder.dataset.replay.replay_node import ReplayFaultError, ReplayNode

# Simulators build their scenes, drivers open their ports.
WAIT_S = 60.0
ROBOT_WAIT_S = 5.0
# Long enough to hear who commands, and for discovery before it.
LISTEN_S = 2 * HEARD_S
# What a simulated task still needs to call a success held, s.
JUDGE_S = 3.0


@dataclass(frozen=True)
class Way:
    """How a replay goes.

    Attributes:
        lockstep: with the simulator, tick by tick.
        use_sim_time: takes the time from /clock.
        namespace: of all topics, or "".
        ramp_speed_rad_s: of the motion to the first command.
    """

    lockstep: bool = False
    use_sim_time: bool = False
    namespace: str = ""
    ramp_speed_rad_s: float = 0.5

    @property
    def ros_arguments(self) -> list[str]:
        """What rclpy is begun with."""
        words = ["--ros-args", "-p", f"use_sim_time:={str(self.use_sim_time).lower()}"]
        if self.namespace:
            words += ["-r", f"__ns:=/{self.namespace}", "-r", f"/clock:=/{self.namespace}/clock"]
        return words


class ReplaySession:
    """The steps of a replay; each ends by its time limit, a fault, or a signal.

    Args:
        spec: the robot.
        track: what is played.
        way: how.
        say: tells the user a line.

    Attributes:
        node: that commands.
    """

    def __init__(
        self, spec: RobotSpec, track: CommandTrack, way: Way, say: Callable[[str], object]
    ) -> None:
        self._spec, self._track, self._say = spec, track, say
        self._player = CommandPlayer(spec, track, way.ramp_speed_rad_s)
        self.node = ReplayNode(spec, self._player, lockstep=way.lockstep)
        self._script = Script(self.node, StopRequest())
        self._first_ns = 0
        self._task: TaskState | None = None

    def close(self) -> None:
        """Send nothing more and leave ROS."""
        self.node.halt()
        self._script.close()
        self.node.destroy_node()

    def reset_scene(self, meta: EpisodeMeta) -> None:
        """Lay out the episode's scene in the simulator.

        Raises:
            ActError: it does not come up, refuses, or another one runs in this ROS domain.
        """
        reset = self.node.create_client(ResetScene, "sim/reset")
        self._script.wait_for_server(reset.service_is_ready, WAIT_S, "service sim/reset")
        check_single_publishers(self.node, ("joint_states",))
        subscription(self.node, TaskState, "task_state", self._on_task, qos.TASK_STATE)
        request = ResetScene.Request(task=meta.task, seed=meta.seed, disturbance=meta.disturbance)
        reply = self._script.result(reset.call_async(request), WAIT_S, "service sim/reset")
        if reply.code != ResetScene.Response.NONE:
            raise ReplayFaultError(f"sim/reset: {reply.message}")
        self._first_ns = to_ns(reply.stamp)
        self._script.wait_until(self._is_after_reset, WAIT_S, "joint_states after the reset")

    def look(self) -> None:
        """Wait for the robot, listen who commands, tell how far it is from the start.

        Raises:
            ActError: there is no robot, or somebody commands it.
        """
        known = self.node.robot.silence
        self._script.wait_until(lambda: not known(), ROBOT_WAIT_S, "joint_states")
        self._listen()
        assert self.node.robot.sample is not None
        self._say(start_text(self._spec, self._track, self.node.robot.sample.positions))

    def confirm(self) -> None:
        """Wait for Enter in the terminal; raises ReplayFaultError where there is none."""
        if not sys.stdin.isatty():
            raise ReplayFaultError(
                "nothing moves without a word, and this is no terminal; --yes moves the robot "
                "without being asked"
            )
        self._say(f"Enter moves '{self._spec.name}', Ctrl-C leaves it where it is")
        self._script.wait_until(_enter, float("inf"), "Enter")
        sys.stdin.readline()

    def check_listeners(self) -> None:
        """Raise ActError if no robot listens to commands."""
        self._script.wait_until(
            lambda: self.node.is_heard,
            ROBOT_WAIT_S,
            "a robot's side that listens to joint_commands",
        )

    def play(self) -> None:
        """Give the commands to the end; raises ReplayFaultError if that cannot be."""
        self.node.begin(self._first_ns)
        total = round(self._track.duration_s, 2)
        with tqdm(
            total=total,
            unit="s",
            desc="to the start",
            bar_format="{l_bar}{bar}| {n:.1f}/{total:.1f} s",
        ) as bar:
            self._script.wait_until(
                lambda: self._watch(bar), float("inf"), "the end of the episode"
            )
        if self._task is not None:  # a success has to last
            self._script.spin_for(JUDGE_S, until=lambda: bool(self._task and self._task.done))

    @property
    def task(self) -> TaskState | None:
        """How the simulated task stands, if there is one."""
        return self._task

    def _watch(self, bar: "tqdm[Any]") -> bool:
        """Show progress; tell whether it has ended."""
        if self.node.fault:
            raise ReplayFaultError(self.node.fault)
        if self.node.is_lockstep and self.node.robot.silence() and not self.node.has_ended:
            raise ReplayFaultError(self.node.robot.silence())
        if self._player.state is not PlayState.RAMPING:
            bar.set_description("replay", refresh=False)
            bar.update(round(self._player.progress_s - bar.n, 3))
        return self.node.has_ended or bool(self._task and self._task.done)

    def _listen(self) -> None:
        self._script.spin_for(LISTEN_S)
        if self.node.rivals:
            raise ReplayFaultError(self.node.rivals)

    def _is_after_reset(self) -> bool:
        sample = self.node.robot.sample
        return sample is not None and sample.stamp_ns >= self._first_ns

    def _on_task(self, state: TaskState) -> None:
        if to_ns(state.header.stamp) >= self._first_ns > 0:
            self._task = state


@contextmanager
def session(
    spec: RobotSpec, track: CommandTrack, way: Way, say: Callable[[str], object]
) -> Iterator[ReplaySession]:
    """Begin ROS and yield a session; ends both."""
    rclpy.init(args=way.ros_arguments, signal_handler_options=SignalHandlerOptions.NO)
    running = None
    try:
        running = ReplaySession(spec, track, way, say)
        yield running
    finally:
        if running is not None:
            running.close()
        rclpy.try_shutdown()


def _enter() -> bool:
    """Tell whether a line was typed."""
    return bool(select.select([sys.stdin], [], [], 0)[0])
