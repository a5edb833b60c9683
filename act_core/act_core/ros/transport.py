# SPDX-License-Identifier: Apache-2.0
"""Is the middleware set up so that camera images arrive?"""

import os
from collections.abc import Mapping

PROFILES_VARIABLE = "FASTRTPS_DEFAULT_PROFILES_FILE"


def transport_warning(environment: Mapping[str, str] = os.environ) -> str:
    """Return what is wrong with Fast DDS's set-up, in words; empty when nothing is.

    Its default shared-memory segment (512 KiB) is smaller than one 480x640 image; images then
    go by UDP and up to two thirds of them are lost.
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
    return ""
