# SPDX-License-Identifier: Apache-2.0
"""Records episodes from ROS 2 topics into ALOHA-layout HDF5 files."""

from act_core.public_names import public_names

_MODULES = {
    "EpisodeRecording": "episode_recording",
    "LockstepMatcher": "rows.lockstep_matcher",
    "Outcome": "recording_types",
    "RealTimeMatcher": "rows.real_time_matcher",
    "RecorderParams": "recorder_params",
    "Row": "rows.row_matcher",
}
__all__ = list(_MODULES)
__getattr__ = public_names(__name__, _MODULES)
