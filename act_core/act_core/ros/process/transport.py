# SPDX-License-Identifier: Apache-2.0
"""Is the middleware set up so that camera images arrive?"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

PROFILES_VARIABLE = "FASTRTPS_DEFAULT_PROFILES_FILE"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Fast DDS puts its segments
# What a node takes there with the suite's profile: 64 MiB of data and 3 MiB of bookkeeping.
SEGMENT_MIB = 67


def transport_warning(
    environment: Mapping[str, str] = os.environ, shared_memory: Path = SHARED_MEMORY
) -> str:
    """Return what is wrong with Fast DDS's set-up, in words; empty when nothing is.

    Its default shared-memory segment (512 KiB) is smaller than one 480x640 image; images then
    go by UDP and up to two thirds of them are lost. To be asked before the node is made.
    """
    if environment.get("RMW_IMPLEMENTATION", "rmw_fastrtps_cpp") != "rmw_fastrtps_cpp":
        return ""
    path = environment.get(PROFILES_VARIABLE, "")
    remedy = (
        f"set {PROFILES_VARIABLE} to the suite's fastdds.xml, as the launch files and "
        "`make demo` do; without it camera images get lost"
    )
    if not path:
        return f"{PROFILES_VARIABLE} is not set: {remedy}"
    if not os.path.isfile(path):
        return f"{PROFILES_VARIABLE} is {path}, which does not exist: {remedy}"
    free_mib = shutil.disk_usage(shared_memory).free >> 20 if shared_memory.is_dir() else 0
    if free_mib < SEGMENT_MIB:
        return (
            f"{shared_memory} has {free_mib} MiB free and each node needs {SEGMENT_MIB}: camera "
            "images go by UDP and get lost; `fastdds shm clean` removes what killed nodes have "
            "left there, in a container raise its shm size"
        )
    return ""
