# SPDX-License-Identifier: Apache-2.0
"""The simulator of a replay, as a process of its own."""

import json
import os
import signal
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from ament_index_python.packages import PackageNotFoundError, get_package_prefix

from act_core.errors import ActError
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.process.environment import STARTER_VARIABLE

STOP_S = 10.0


class Simulator:
    """The node `sim` of an episode's robot and task. Use as a context manager.

    Args:
        spec: the robot; its file is handed on.
        task: of the scene.
        pace: realtime or lockstep.
        namespace: of the node, or "".

    Raises:
        ActError: the package act_sim is not installed.
    """

    def __init__(self, spec: RobotSpec, task: str, pace: str, namespace: str = "") -> None:
        try:
            program = Path(get_package_prefix("act_sim")) / "lib" / "act_sim" / "sim_node"
        except PackageNotFoundError as error:
            raise ActError("package act_sim is not installed, which --sim needs") from error
        self._folder = TemporaryDirectory(prefix="act_replay_")
        robot_file = Path(self._folder.name) / f"{spec.name}.yaml"
        robot_file.write_text(spec.yaml_text, encoding="utf-8")
        words = [str(program), "--ros-args", "-r", "__node:=sim", "--log-level", "warn"]
        if namespace:
            words += ["-r", f"__ns:=/{namespace}", "-r", f"/clock:=/{namespace}/clock"]
        for name, value in {"robot_file": str(robot_file), "task": task, "pace": pace}.items():
            words += ["-p", f"{name}:={json.dumps(value)}"]
        environment = {**os.environ, STARTER_VARIABLE: str(os.getpid())}
        # A group of its own: Ctrl-C is this command's to answer, and the robot stands first.
        self._process = subprocess.Popen(words, env=environment, process_group=0)

    def __enter__(self) -> "Simulator":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()
