# SPDX-License-Identifier: Apache-2.0
import json
import pkgutil
import subprocess
import sys

import act_core

IMPORT_ALL = """
import importlib, json, sys, time
started_s = time.thread_time()
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps([time.thread_time() - started_s, list(sys.modules)]))
"""

# Those that are about pixels load OpenCV, and nobody else of the plain ones imports them.
ABOUT_PIXELS = ("act_core.images", "act_core.episode.checks")


def test_plain_modules_load_fast_and_without_ros_torch_or_mujoco():
    modules = [
        m.name
        for m in pkgutil.walk_packages(act_core.__path__, "act_core.")
        if not m.name.startswith("act_core.ros") and not m.name.startswith(ABOUT_PIXELS)
    ]
    assert "act_core.episode.writer" in modules
    runs = []
    for _ in range(3):
        command = [sys.executable, "-c", IMPORT_ALL, *modules]
        runs.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    loaded = {name.split(".")[0] for name in runs[0][1]}
    assert loaded.isdisjoint({"rclpy", "torch", "mujoco", "cv2", "sensor_msgs", "act_interfaces"})
    # Processor time, the best of three: other work on the machine does not count, nor do NumPy's
    # BLAS threads, which spin for 0.1 s after they have been started.
    assert min(seconds for seconds, _ in runs) < 0.5
