# SPDX-License-Identifier: Apache-2.0
"""Do commands keep the robot's limits, whatever a leader sends?

    python3 act_teleop/bench/bench_fuzzed_leaders.py [--vectors 1000000]

Vectors are noise, jumps, drifts, shuffled joints, degrees, NaN; stamps jump; operators engage,
hold, park and take over in between.
"""

import argparse
import sys

import numpy as np

from act_core.observation import JointSample
from act_core.robot.robot_file import load_robot
from act_teleop.teleop_inputs import LeaderSample
from act_teleop.teleop_params import TeleopParams
from act_teleop.teleoperation import State, Teleoperation

SPEC = load_robot("aloha_sim")
PERIOD_NS, PERIOD_S = SPEC.period_ns, 1 / SPEC.rate_hz
VECTORS_A_RUN = 10_000
STILL = np.zeros(SPEC.dim)


class Watched:
    """A robot that goes where it is commanded, and counts what it should never be asked."""

    def __init__(self, pose: np.ndarray) -> None:
        self.pose, self.breaches, self.commands = pose, 0, 0
        self._speed, self._resting = STILL, True

    def rest(self) -> None:
        """Let the next command begin a motion."""
        self._resting = True

    def take(self, command: np.ndarray) -> None:
        """Go to `command` within one period."""
        step = command - self.pose
        gain = np.abs(step / PERIOD_S - (STILL if self._resting else self._speed))
        in_range = np.all((SPEC.lower <= command) & (command <= SPEC.upper))
        slow = np.all(np.abs(step) <= SPEC.max_velocity * PERIOD_S + 1e-9)
        smooth = np.all(gain <= SPEC.max_acceleration * PERIOD_S + 1e-6)
        self.breaches += not (in_range and slow and smooth)
        self.commands += 1
        self.pose, self._speed, self._resting = command, step / PERIOD_S, False


def fuzz(rng: np.random.Generator, vectors: int) -> Watched:
    """Return the robot after one run."""
    engage = str(rng.choice(["auto", "call", "grippers"]))
    teleop = Teleoperation(SPEC, TeleopParams(engage=engage))
    robot = Watched(SPEC.lower + rng.random(SPEC.dim) * (SPEC.upper - SPEC.lower))
    size, wild = rng.choice([0.005, 0.05, 1.0]), rng.choice([0.0, 0.01, 0.3])
    leader, now_s, stamp_ns = robot.pose.copy(), 100.0, 10**12
    for _ in range(vectors):
        now_s += PERIOD_S
        stamp_ns += int(PERIOD_NS * (40 if rng.random() < 0.005 else 1))
        _act(rng, teleop, now_s)
        leader = leader + rng.normal(0, size, SPEC.dim)
        sent = leader
        if rng.random() < wild:
            sent = rng.permutation(57.3 * leader)
            sent[rng.integers(SPEC.dim)] = rng.choice([np.nan, np.inf, 1e9, 0.0])
        teleop.see_robot(JointSample(round(now_s * 1e9), robot.pose, STILL, STILL), now_s)
        sample = LeaderSample(sent, stamp_ns, round(now_s * 1e9))
        command = teleop.see_leader(sample, now_s)
        teleop.watch(now_s)
        moved = teleop.tick(now_s)
        command = moved if command is None else command
        if command is None:
            robot.rest()
        else:
            robot.take(command)
        if teleop.state is not State.FOLLOWING and rng.random() < 0.05:
            leader = robot.pose.copy()
    return robot


def _act(rng: np.random.Generator, teleop: Teleoperation, now_s: float) -> None:
    acts = (
        lambda: teleop.engage(now_s), lambda: teleop.engage(now_s, anywhere=True),
        lambda: teleop.hold("asked to hold"),
        lambda: teleop.go_to(SPEC.sleep, "park", now_s),
    )  # fmt: skip
    if rng.random() < 0.02:
        acts[rng.integers(len(acts))]()


def main() -> None:
    """Print the number of breaches; the exit status is 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    runs = max(args.vectors // VECTORS_A_RUN, 1)
    robots = [fuzz(rng, VECTORS_A_RUN) for _ in range(runs)]
    found, commands = sum(r.breaches for r in robots), sum(r.commands for r in robots)
    print(
        f"{runs * VECTORS_A_RUN} fuzzed leader vectors, {commands} commands: {found} breaches of "
        "position, speed or acceleration"
    )
    sys.exit(found > 0)


if __name__ == "__main__":
    main()
