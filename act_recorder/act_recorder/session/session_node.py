# SPDX-License-Identifier: Apache-2.0
"""A recording session with an operator: services and buttons in, the recorder's goals out."""

import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from act_core.errors import ActError
from act_core.paths import user_path
from act_core.ros import qos
from act_core.ros.diagnostics import OK, WARN, Diagnostics, Health
from act_core.ros.endpoints import publisher
from act_core.ros.params import declare
from act_core.ros.peers import check_single_publishers
from act_core.ros.process.script import Script, run_script
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import SessionStatus
from act_interfaces.srv import ResetScene
from act_recorder.session.operator_buttons import OperatorButtons
from act_recorder.session.recorder_client import RecorderClient
from act_recorder.session.recording_session import RecordingSession
from act_recorder.session.session_folder import count_episodes
from act_recorder.session.session_params import SessionParams
from act_recorder.session.session_types import Act, Command, Effect, Ended, SessionPlan, State

TICK_S = 0.05
STATUS_S = 0.25
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
        self._session = self._make_session()
        self._recorder = RecorderClient(self, self._on_ended)
        self._reset = self.create_client(ResetScene, "sim/reset")
        self._pending = 0  # judgements without an answer
        self._told = (-1, "")
        self._sent_at_s = 0.0
        for command in Command:
            self.create_service(Trigger, f"~/{command.value}", self._service(command))
        self._buttons = OperatorButtons(self, self.params, self._session.can, self._do)
        self._out = publisher(self, SessionStatus, "~/status", qos.STATUS)
        self._diagnostics = Diagnostics(self, self._health)
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
        script.wait_until(self._is_over, math.inf, "the session's end")
        self._publish()

    def summary(self) -> str:
        """Return the closing line."""
        session = self._session
        recorded = session.kept - session.plan.present
        return (
            f"{recorded} episodes recorded into {self._folder.resolve()}, "
            f"{session.plan.present} were there, {session.dropped} dropped"
        )

    def _make_session(self) -> RecordingSession:
        params = self.params
        present = count_episodes(self._folder, params.task, only_successful=params.only_successful)
        if present.text:
            self.get_logger().info(present.text)
        return RecordingSession(SessionPlan(
            params.episodes, present.count, params.countdown_s, params.reset_s,
            params.only_successful,
        ))  # fmt: skip

    def _is_over(self) -> bool:
        return self._session.state is State.DONE and not self._pending

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
        self._tell()

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

    def _tell(self) -> None:
        """Log what is new; publish that, and at intervals."""
        session = self._session
        told = session.state, session.message
        changed = told != self._told
        if changed:
            self._told = told
            number = f"{min(session.kept + 1, session.plan.wanted)} of {session.plan.wanted}"
            text = f": {session.message}" if session.message else ""
            self.get_logger().info(f"{session.state.name.lower()}, episode {number}{text}")
        if changed or time.monotonic() - self._sent_at_s > STATUS_S:
            self._publish()

    def _publish(self) -> None:
        session, self._sent_at_s = self._session, time.monotonic()
        unfinished = session.state is State.DONE and self._pending
        state = State.ENDING if unfinished else session.state
        message = SessionStatus(
            state=int(state), message=session.message, task=self.params.task,
            kept=session.kept, present=session.plan.present, dropped=session.dropped,
            wanted=session.plan.wanted, left_s=session.left_s(time.monotonic()),
            path=session.last, verdict=session.verdict, pausing=session.pausing,
            quitting=session.quitting,
        )  # fmt: skip
        message.header.stamp = self.get_clock().now().to_msg()
        self._out.publish(message)

    def _health(self) -> Health:
        session = self._session
        text = f"{session.state.name.lower()}, {session.kept} of {session.plan.wanted} kept"
        values = {
            "kept": session.kept,
            "dropped": session.dropped,
            "last": Path(session.last).name,
        }
        return Health(WARN if session.not_ready else OK, session.not_ready or text, values)


def main() -> None:
    """Run a recording session with an operator."""
    sys.exit(run_script(SessionNode, SessionParams))


if __name__ == "__main__":
    main()
