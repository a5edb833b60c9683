# SPDX-License-Identifier: Apache-2.0
"""Verb `replay`: an episode's commands into the simulator, or onto the robot."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import ActError, EpisodeError
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.process.environment import environment_defaults
from act_core.ros.process.script import InterruptedScriptError
from act_recorder.dataset.replay import motion_check, tracking
from act_recorder.dataset.replay.command_track import (
    CommandTrack,
    read_track,
    recorded_tracking,
)
from act_recorder.dataset.replay.commanded_robot import commanded_robot
from act_recorder.dataset.replay.replay_session import ReplaySession, Way, session
from act_recorder.dataset.replay.simulator import Simulator
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line

SPEEDS, RAMP_SPEEDS = (0.1, 2.0), (0.05, 2.0)
INTERRUPTED = 130


def main(words: Sequence[str]) -> int:
    """Check, move, report; return 0, or 130 after Ctrl-C."""
    options = _options(words)
    path = _only_one(options)
    spec = commanded_robot(path, named_robot(options))
    track = read_track(path, spec, options.speed)
    with EpisodeReader(path, spec) as reader:
        meta = reader.meta
    say = _to(sys.stderr if options.json else sys.stdout)
    _check(path, spec, track, say)
    if options.sim and not meta.task:
        raise EpisodeError(f"{path}: names no task, so --sim has no scene for it")
    for name, value in environment_defaults().items():
        os.environ.setdefault(name, value)
    if options.dry_run:
        return _dry_run(spec, track, options, say)
    return _replay(path, meta, spec, track, options)


def _options(words: Sequence[str]) -> argparse.Namespace:
    line = verb_line("replay", "An episode's commands once more, within the robot's limits.")
    line.add_argument("--sim", action="store_true", help="start the simulator with its scene")
    line.add_argument(
        "--pace", choices=("lockstep", "realtime"), default="lockstep", help="of --sim"
    )
    line.add_argument("--dry-run", action="store_true", help="check and tell, move nothing")
    line.add_argument("--speed", type=float, default=1.0, help="times as fast: 0.1 … 2")
    line.add_argument(
        "--ramp-speed", type=float, default=0.5, help="of the way to the start, rad/s: 0.05 … 2"
    )
    line.add_argument("--yes", action="store_true", help="move the robot without being asked")
    line.add_argument("--namespace", default="", help="of the robot's topics")
    line.add_argument(
        "--use-sim-time", action="store_true", help="time from /clock, of a simulator that runs"
    )
    line.add_argument("--json", action="store_true", help="the report as an object for programs")
    options = line.parse(words)
    options.namespace = options.namespace.strip("/")
    bounds = {
        "--speed": (options.speed, SPEEDS),
        "--ramp-speed": (options.ramp_speed, RAMP_SPEEDS),
    }
    for name, (value, (low, high)) in bounds.items():
        if not low <= value <= high:
            raise EpisodeError(f"{name} {value:g}, expected {low:g} … {high:g}")
    return options


def _only_one(options: argparse.Namespace) -> Path:
    paths = chosen_episodes(options)
    if len(paths) > 1:
        raise EpisodeError(
            f"{len(paths)} episodes of {options.dataset} and one can be replayed at a time; "
            "name it by --episodes"
        )
    return paths[0]


def _check(path: Path, spec: RobotSpec, track: CommandTrack, say: Callable[[str], object]) -> None:
    """Tell what the commands ask for; raises EpisodeError if it is not allowed."""
    check = motion_check.check_motion(track, spec)
    say(
        f"{path}: {len(track.actions)} commands for '{spec.name}', {track.duration_s:.1f} s at "
        f"speed {track.speed:g}"
    )
    say(motion_check.table(spec, track, check))
    if check.faults:
        raise EpisodeError(f"{path}: {'; '.join(check.faults)}")


def _dry_run(
    spec: RobotSpec, track: CommandTrack, options: argparse.Namespace, say: Callable[[str], object]
) -> int:
    """Tell how far the robot is from the start, if there is one."""
    if options.sim:
        say(motion_check.start_text(spec, track, spec.start))
    else:
        with session(spec, track, _way(options), say) as running:
            try:
                running.look()
            except InterruptedScriptError:
                return INTERRUPTED
            except ActError as error:
                say(f"start: not known, {error}")
    say("dry run: nothing was moved")
    return 0


def _replay(
    path: Path,
    meta: EpisodeMeta,
    spec: RobotSpec,
    track: CommandTrack,
    options: argparse.Namespace,
) -> int:
    say, status = _to(sys.stderr if options.json else sys.stdout), 0
    with ExitStack() as stack:
        if options.sim:
            stack.enter_context(Simulator(spec, meta.task, options.pace, options.namespace))
        running = stack.enter_context(session(spec, track, _way(options), say))
        try:
            if options.sim:
                running.reset_scene(meta)
            else:
                running.look()
                running.check_listeners()
                if not options.yes:
                    running.confirm()
            running.play()
        except InterruptedScriptError:
            say("stopped; the robot keeps its last command")
            status = INTERRUPTED
        except ActError:
            _report(path, meta, spec, running, options)
            raise
        _report(path, meta, spec, running, options)
    return status


def _report(
    path: Path, meta: EpisodeMeta, spec: RobotSpec, running: ReplaySession,
    options: argparse.Namespace,
) -> None:  # fmt: skip
    """Tell how the robot followed, as far as it was played."""
    running.node.halt()
    now = running.node.record.measured()
    if now is None:
        return
    recorded = recorded_tracking(path, spec)
    task = running.task
    if options.json:
        report: dict[str, Any] = {
            "episode": str(path), "robot": spec.name, "speed": options.speed,
            "joints": tracking.as_json(spec, now), "recorded": tracking.as_json(spec, recorded),
            "success": bool(task.success) if task else None, "recorded_verdict": meta.verdict,
        }  # fmt: skip
        json.dump(report, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    sys.stdout.write(tracking.table(spec, now, recorded) + "\n")
    if task:
        sys.stdout.write(
            f"simulated task: {'success' if task.success else 'no success'} (stage {task.stage}), "
            f"in the recording: {meta.verdict or 'not judged'}\n"
        )


def _way(options: argparse.Namespace) -> Way:
    lockstep = options.sim and options.pace == "lockstep"
    use_sim_time = options.use_sim_time or (options.sim and not lockstep)
    return Way(lockstep, use_sim_time, options.namespace, options.ramp_speed)


def _to(stream: Any) -> Callable[[str], object]:
    def say(text: str) -> None:
        stream.write(f"{text}\n")
        stream.flush()

    return say
