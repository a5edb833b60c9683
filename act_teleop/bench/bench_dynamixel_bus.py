# SPDX-License-Identifier: Apache-2.0
"""How often 18 Dynamixel motors on two buses are read and written, against emulated motors.

python3 act_teleop/bench/bench_dynamixel_bus.py

"wire" makes the emulator wait as long as the bytes take at 1 Mbit/s, and 1 ms for the USB adapter.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from act_core.observation import Missing
from act_core.robot.robot_file import load_robot
from act_teleop.dynamixel.arm_group import ArmGroup
from act_teleop.dynamixel.bus.bus_file import load_bus
from act_teleop.dynamixel.bus.servo_bus import ServoBus

EMULATOR = Path(__file__).parents[1] / "test/dynamixel/servo_emulator.py"
SPEC = load_robot("aloha_original")
CYCLES = 1000
TIMEOUT_S = 0.02


def measure(folder: Path, *, wire: bool, fast: bool) -> str:
    """Read and write both arms as fast as it goes; return the figures as a row."""
    buses, emulators = {}, []
    for arm in SPEC.arms:
        path = folder / f"{arm.name}_{wire}_{fast}"
        words = [sys.executable, EMULATOR, path, "follower", *(["wire"] if wire else [])]
        emulators.append(subprocess.Popen(words))
        while not path.is_symlink():
            time.sleep(0.01)
        spec = replace(load_bus("aloha_follower", arm.name, folder), port=str(path))
        buses[arm.name] = ServoBus(arm.name, spec, TIMEOUT_S, time.time_ns)
    arms = ArmGroup(SPEC, "command", buses)
    arms.connect()
    arms.set_torque(True)
    for bus in buses.values():
        bus.port.fast = fast
    took_s, missed, busy_s = [], 0, time.process_time()
    for _ in range(CYCLES):
        start_s = time.perf_counter()
        missed += isinstance(arms.read(), Missing)
        arms.write(SPEC.start)
        took_s.append(time.perf_counter() - start_s)
    busy_s = time.process_time() - busy_s
    arms.close(release=False)
    for emulator in emulators:
        emulator.kill()
    p50, p99 = np.percentile(took_s, [50, 99]) * 1e3
    delay, read = "wire" if wire else "none", "fast" if fast else "plain"
    return (
        f"| {delay} | {read} | {1 / np.mean(took_s):.0f} | {p50:.2f} | {p99:.2f} "
        f"| {1e3 * busy_s / CYCLES:.2f} | {missed} |"
    )


def main() -> None:
    """Print the table."""
    print("| delay | sync read | cycles/s | p50 ms | p99 ms | CPU ms/cycle | samples missed |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for wire in (True, False):
            for fast in (True, False):
                print(measure(Path(folder), wire=wire, fast=fast))


if __name__ == "__main__":
    main()
