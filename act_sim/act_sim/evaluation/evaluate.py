# SPDX-License-Identifier: Apache-2.0
"""Evaluates whoever commands the robot over seeded rollouts, talking to it only over ROS."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from rcl_interfaces.srv import GetParameters, ListParameters
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from std_srvs.srv import Trigger

from act_core.errors import ActError
from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import CameraSpec, RobotSpec
from act_core.ros.diagnostics import OK, Diagnostics, Health
from act_core.ros.messages.stamps import to_ns
from act_core.ros.params import declare
from act_core.ros.peers import check_single_publishers
from act_core.ros.process.script import Script, run_script
from act_interfaces.srv import ResetScene
from act_sim.evaluation.evaluate_params import EvaluateParams
from act_sim.evaluation.film import Film
from act_sim.evaluation.results import Rollout, table, to_json
from act_sim.evaluation.rollout_film import RolloutFilm
from act_sim.evaluation.rollout_watch import RolloutWatch
from act_sim.sim_params import parse_camera
from act_sim.tasks import task_named

PROGRESS_S = 2.0
SILENCE_S = 1.0
GONE_S = 5.0


class Evaluation(Node):
    """Resets the scene, watches, counts."""

    def __init__(self) -> None:
        super().__init__("evaluate")
        self.params = declare(self, EvaluateParams)
        self._task = task_named(self.params.task)
        spec = load_robot(self.params.robot_file)
        self._folder = user_path(self.params.output_dir)
        self._folder.mkdir(parents=True, exist_ok=True)
        camera = self._camera(spec)
        self._film = None if camera is None else Film(self._folder / "video.mp4", spec.rate_hz)
        self._filming: RolloutFilm | None = None
        if camera is not None and self._film is not None:
            self._filming = RolloutFilm(self, camera, self._film)
        self._watch = RolloutWatch(self, spec, self._filming)
        self._reset = self.create_client(ResetScene, "sim/reset")
        self._reporter = self.create_client(Trigger, f"{self.params.policy_node}/run_report")
        self._rollouts: list[Rollout] = []
        self._trajectories: dict[int, list[list[float]]] = {}
        self._about: dict[str, Any] = {}
        self._diagnostics = Diagnostics(self, self._health)

    def _health(self) -> Health:
        wins, done = sum(r.success for r in self._rollouts), len(self._rollouts)
        return Health(OK, f"{done} rollouts, {wins} successes")

    def _camera(self, spec: RobotSpec) -> CameraSpec | None:
        """Return the camera to film, None for no film."""
        if not self.params.video_episodes:
            return None
        if self.params.video_camera:
            return parse_camera(self.params.video_camera)
        if not spec.cameras:
            raise ActError(f"robot '{spec.name}' has no camera; set video_episodes to 0")
        return spec.cameras[0]

    def run(self, script: Script) -> None:
        """Do all rollouts and write the results after each."""
        reset_there = self._reset.service_is_ready
        script.wait_for_server(reset_there, self.params.wait_s, "service sim/reset")
        script.wait_until(
            lambda: bool(self.count_publishers(self.resolve_topic_name("joint_commands"))),
            self.params.wait_s, "a publisher of joint_commands (policy or teleop)",
        )  # fmt: skip
        self._about = {
            "task": self.params.task,
            "disturbance": self.params.disturbance,
            "rollouts_asked_for": self.params.episodes,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "policy": self._policy_parameters(script),
        }
        for index in range(self.params.episodes) if self.params.episodes else count():
            if self._filming is not None:
                self._filming.on = index < self.params.video_episodes
            rollout = self._one(script, self.params.first_seed + index)
            self._rollouts.append(rollout)
            self._about["policy_run"] = self._policy_run(script)
            self._write()
            script.say(self._score(rollout))
        if self._film is not None:
            self._film.close()

    def _score(self, rollout: Rollout) -> str:
        done, wins = len(self._rollouts), sum(r.success for r in self._rollouts)
        number = f"{done}/{self.params.episodes}" if self.params.episodes else f"{done}"
        verdict = "success" if rollout.success else f"stage {rollout.stage}"
        return (
            f"rollout {number}  seed {rollout.seed}: {verdict} in {rollout.ticks} ticks "
            f"({rollout.ticks / rollout.wall_s:.0f}/s)  ·  {wins}/{done} so far"
        )

    def _one(self, script: Script, seed: int) -> Rollout:
        self._check_alone()
        self._watch.begin(-1)
        request = ResetScene.Request(
            task=self.params.task, seed=seed, disturbance=self.params.disturbance
        )
        answer = self._reset.call_async(request)
        self._wait(script, answer.done, self.params.wait_s, "service sim/reset")
        reply = answer.result()
        if reply.code != ResetScene.Response.NONE:
            raise ActError(f"sim/reset: {reply.message}")
        self._watch.begin(reply.episode, to_ns(reply.stamp))
        limit_s = self.params.episode_timeout_s
        self._wait(script, lambda: self._watch.done, limit_s, f"the end of seed {seed}")
        self._check_alone()
        if self.params.save_trajectories:
            self._trajectories[seed] = self._watch.positions()
        return self._watch.rollout()

    def _check_alone(self) -> None:
        """Raise ActError where the results would be a mix of two systems."""
        topics = ("task_state",) if self.params.take_over else ("task_state", "joint_commands")
        check_single_publishers(self, topics, named_within_s=1.0)

    def _wait(self, script: Script, ready: Callable[[], bool], limit_s: float, what: str) -> None:
        """Wait with a line of progress now and then, and an eye on the simulator's pulse."""
        said_s = time.monotonic()

        def checked() -> bool:
            nonlocal said_s
            now_s = time.monotonic()
            silent_s = now_s - self._watch.heard_at_s
            if silent_s > GONE_S:
                raise ActError(f"task_state: nothing for {GONE_S:g} s; the simulator is gone")
            silent = silent_s > SILENCE_S
            if now_s - said_s > (SILENCE_S if silent else PROGRESS_S):
                said_s = now_s
                news = f"nothing for {silent_s:.1f} s" if silent else self._watch.progress()
                script.say(f"  task_state: {news}")
            return ready()

        script.wait_until(checked, limit_s, what)

    def _policy_parameters(self, script: Script) -> dict[str, Any]:
        name = self.params.policy_node
        lister = self.create_client(ListParameters, f"{name}/list_parameters")
        getter = self.create_client(GetParameters, f"{name}/get_parameters")
        if not (lister.service_is_ready() and getter.service_is_ready()):
            return {}
        listed = script.result(
            lister.call_async(ListParameters.Request()), 5.0, f"parameters of {name}"
        )
        names = list(listed.result.names)
        values = script.result(
            getter.call_async(GetParameters.Request(names=names)), 5.0, f"parameters of {name}"
        ).values
        return {n: parameter_value_to_python(v) for n, v in zip(names, values, strict=True)}

    def _policy_run(self, script: Script) -> dict[str, Any]:
        """Return what the policy reports of its run so far; nothing of who does not report."""
        if not self._reporter.service_is_ready():
            return {}
        what = f"service {self._reporter.srv_name}"
        reply = script.result(self._reporter.call_async(Trigger.Request()), 5.0, what)
        return dict(json.loads(reply.message)) if reply.success else {}

    def _write(self) -> None:
        results = to_json(self._rollouts, self._about)
        (self._folder / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        if self._trajectories:
            path = self._folder / "trajectories.json"
            path.write_text(json.dumps(self._trajectories) + "\n")

    def summary(self) -> str:
        """Return the success table and where the files are."""
        if not self._rollouts:
            return "No rollout was done; there are no results"
        lines = ["", table(self._rollouts, self._task.stages), ""]
        if len(self._rollouts) < self.params.episodes:
            lines.append(f"{len(self._rollouts)} of {self.params.episodes} rollouts were done")
        lines.append(f"results  {(self._folder / 'results.json').resolve()}")
        if self._film is not None:
            lines.append(f"video    {self._film.path.resolve()}")
        return "\n".join(lines)


def main() -> None:
    """Run an evaluation."""
    sys.exit(run_script(Evaluation, EvaluateParams))


if __name__ == "__main__":
    main()
