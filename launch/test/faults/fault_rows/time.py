# SPDX-License-Identifier: Apache-2.0
"""Section B, simulated time: a clock that jumps, stands, or is not there."""

from fault_rows.fault import Fault

RESUME = "`policy/resume`, or by itself with `resume:=auto`; from the measured pose"

TIME = (
    Fault(
        "B10", "the clock is set back: a simulator's reset, a bag that starts anew", "policy",
        "the clock jumped by -… s; holding; call ~/resume to go on",
        "hold; predictions and samples from before are forgotten", RESUME,
    ),
    Fault(
        "B10b", "the same, in an episode", "recorder",
        "input lost, … rows: the clock was set back by … s", "as B10",
        "the episode ends, its rows stay in `episode_N.hdf5.partial`; a new one may begin",
    ),
    Fault(
        "B11", "the clock jumps ahead", "policy",
        "the clock jumped by … s; holding; call ~/resume to go on",
        "hold; nothing is made up for", RESUME,
    ),
    Fault(
        "B12", "the simulator is paused: /clock and all streams stand", "policy",
        "joint_states: nothing for … s (publishers known: /fault_cell); holding; call ~/resume to "
        "go on",
        "hold", RESUME,
    ),
    Fault(
        "B12b", "/clock alone stands", "recorder", "waiting for the next tick; does /clock stand "
        "still?", "hold: ticks are the clock's", "by itself with the clock",
    ),
    Fault(
        "B13", "`use_sim_time` is set and nothing publishes /clock", "recorder",
        "joint_states: this node's clock is 0: use_sim_time is set and nothing publishes /clock",
        "nothing has moved", "by itself with the first time",
    ),
)  # fmt: skip
