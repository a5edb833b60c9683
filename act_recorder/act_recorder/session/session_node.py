# SPDX-License-Identifier: Apache-2.0
"""A recording session with an operator: services and buttons in, the recorder's goals out."""

import math
import sys
import time
from collections.abc import Callable
from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from act_core.errors import ActError
from act_core.paths import user_path
from act_core.ros.params import declare
from act_core.ros.peers import check_single_publishers
from act_core.ros.process.script import Script, run_script
from act_interfaces.action import RecordEpisode
from act_interfaces.srv import ResetScene
from act_recorder.session.operator_buttons import OperatorButtons
from act_recorder.session.recorder_client import RecorderClient
from act_recorder.session.recording_session import RecordingSession
from act_recorder.session.session_folder import count_episodes
from act_recorder.session.session_params import SessionParams
from act_recorder.session.session_report import SessionReport
from act_recorder.session.session_types import Act, Command, Effect, Ended, SessionPlan, State

TICK_S = 0.05
COMMANDED = ("joint_commands",)


class SessionNode(Node):
    """Episode after episode as an operator asks, on a robot or whatever else is running.

    Services `~/start`, `~/end`, `~/success`, `~/failure`, `~/discard`, `~/re_record`, `~/pause`,
    `~/quit`, and the topic `joy`.
    """

    def __init__(self) -> None:
        super().__init__("session")
        self.params = declare(self, SessionParams)
        self._folder = user_path(self.params.dataset_dir)
        self._session = RecordingSession(self._plan())
        self._recorder = RecorderClient(self, self._on_ended)
        self._reset = self.create_client(ResetScene, "sim/reset")
        self._pending = 0  # judgements without an answer
        for command in Command:
            self.create_service(Trigger, f"~/{command.value}", self._service(command))
        self._buttons = OperatorButtons(self, self.params, self._session.can, self._do)
        self._report = SessionReport(self, self._session, self.params.task)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(TICK_S, self._on_tick, clock=steady)

    def run(self, script: Script) -> None:
        """Serve until all episodes are there or the operator quits.

        Raises:
            ActError: there is no recorder.
        """
        wait_s = self.params.wait_s
        script.wait_until(
            lambda: self._recorder.is_there, wait_s, "action recorder/record_episode"
        )
        if self.params.sim:
            script.wait_until(self._reset.service_is_ready, wait_s, "service sim/reset")
        session = self._session
        script.wait_until(
            lambda: session.state is State.DONE and not self._pending,
            math.inf,
            "the session's end",
        )
        self._report.publish(is_judging=False)

    def summary(self) -> str:
        """Return the closing line."""
        session = self._session
        recorded = session.kept - session.plan.present
        return (
            f"{recorded} episodes recorded into {self._folder.resolve()}, "
            f"{session.plan.present} were there, {session.dropped} dropped"
        )

    def _plan(self) -> SessionPlan:
        params = self.params
        present = count_episodes(self._folder, params.task, only_successful=params.only_successful)
        if present.text:
            self.get_logger().info(present.text)
        return SessionPlan(
            params.episodes, present.count, params.countdown_s, params.reset_s,
            params.only_successful,
        )  # fmt: skip

    def _service(
        self, command: Command
    ) -> Callable[[Trigger.Request, Trigger.Response], Trigger.Response]:
        def serve(_: Trigger.Request, reply: Trigger.Response) -> Trigger.Response:
            refusal = self._do(command)
            reply.success, reply.message = not refusal, refusal or self._session.state.name
            return reply

        return serve

    def _do(self, command: Command) -> str:
        self._session.not_ready = self._recorder.not_ready
        refusal = self._session.command(command, time.monotonic())
        if refusal:
            self.get_logger().warning(refusal)
        self._act()
        return refusal

    def _on_tick(self) -> None:
        self._session.not_ready = self._recorder.not_ready
        self._recorder.tick()
        self._session.tick(time.monotonic())
        self._act()

    def _on_ended(self, ended: Ended) -> None:
        self._session.ended(ended, time.monotonic())
        self._act()

    def _act(self) -> None:
        """Do what the session's state asks for, and tell of it."""
        while self._session.effects:
            effect = self._session.effects.popleft()
            if effect.act is Act.BEGIN:
                self._begin()
            elif effect.act is Act.END:
                self._recorder.end(effect)
            else:
                self._judge(effect)
        self._report.tell(is_judging=self._pending > 0)

    def _begin(self) -> None:
        try:
            check_single_publishers(self, COMMANDED)
        except ActError as error:
            self._session.ended(Ended(fault=True, message=str(error)), time.monotonic())
            return
        params, session = self.params, self._session
        number = session.kept + session.dropped
        scene: dict[str, Any] = {"task": params.task, "seed": 0, "disturbance": 0.0}
        if params.sim:
            scene |= {"seed": params.first_seed + number, "disturbance": params.disturbance}
        goal = RecordEpisode.Goal(
            **scene, only_successful=params.only_successful, max_frames=params.max_frames
        )
        self._recorder.begin(goal, lambda: self._reset_scene(scene))

    def _reset_scene(self, scene: dict[str, Any]) -> None:
        """Let the simulator begin the episode that the recorder waits for."""

        def answered(future: Future) -> None:
            reply = future.result()
            if reply.code != ResetScene.Response.NONE:
                self.get_logger().error(f"sim/reset: {reply.message}")
                self._do(Command.DISCARD)

        if self.params.sim:
            request = ResetScene.Request(**scene)
            self._reset.call_async(request).add_done_callback(answered)

    def _judge(self, effect: Effect) -> None:
        def done(refusal: str, kept: bool) -> None:
            del kept
            self._pending -= 1
            self._session.judged(effect, refusal)

        self._pending += 1
        self._recorder.judge(effect, done)


def main() -> None:
    """Run a recording session with an operator."""
    sys.exit(run_script(SessionNode, SessionParams))


if __name__ == "__main__":
    main()
