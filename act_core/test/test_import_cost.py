# SPDX-License-Identifier: Apache-2.0
import json
import pkgutil
import subprocess
import sys

import act_core

IMPORT_ALL = """
import importlib, json, sys, time
started_s = time.process_time()
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps([time.process_time() - started_s, list(sys.modules)]))
"""

# Those that are about pixels load OpenCV, and nobody else of the plain ones imports them.
ABOUT_PIXELS = ("act_core.images", "act_core.episode.checks")


# What they need, and what it takes whoever uses them anyway.
LIBRARIES = ("h5py", "numpy", "pydantic.dataclasses", "ruamel.yaml")


def importing(*modules):
    """Return the processor time that it takes a new process, s, and all that is loaded then."""
    command = [sys.executable, "-c", IMPORT_ALL, *modules]
    seconds, loaded = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return seconds, {name.split(".")[0] for name in loaded}


def test_plain_modules_load_fast_and_without_ros_torch_or_mujoco():
    modules = [
        m.name
        for m in pkgutil.walk_packages(act_core.__path__, "act_core.")
        if not m.name.startswith("act_core.ros") and not m.name.startswith(ABOUT_PIXELS)
    ]
    assert "act_core.episode.writer" in modules
    ours, theirs = zip(*((importing(*modules), importing(*LIBRARIES)) for _ in range(5)),
                       strict=True)  # fmt: skip
    assert ours[0][1] - theirs[0][1] - set(sys.stdlib_module_names) == {"act_core"}
    # In turn, the best of five: other work on the machine does not count, nor how fast it is.
    assert min(seconds for seconds, _ in ours) < 2 * min(seconds for seconds, _ in theirs)
