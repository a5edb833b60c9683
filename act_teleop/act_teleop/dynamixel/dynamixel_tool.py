# SPDX-License-Identifier: Apache-2.0
"""Jobs at a Dynamixel bus while no node has it: scan, calibrate, reboot, release."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from glob import glob
from types import MappingProxyType

import numpy as np

from act_core.errors import ActError
from act_core.paths import user_path
from act_core.robot.arm_spec import ArmSpec
from act_core.robot.robot_file import load_robot
from act_core.system.command_line import CommandLine, choose
from act_teleop.dynamixel.bus import control_table as table
from act_teleop.dynamixel.bus.bus_file import calibration_file, load_bus, write_calibration
from act_teleop.dynamixel.bus.control_table import MODELS
from act_teleop.dynamixel.bus.errors import BusError
from act_teleop.dynamixel.bus.servo_port import ServoPort
from act_teleop.dynamixel.bus.servo_setup import find_motors, set_up_eeprom
from act_teleop.dynamixel.calibration import align_shadows, check_released, find_zeros
from act_teleop.dynamixel.dynamixel_params import DynamixelParams

_PORTS = ("/dev/ttyDXL_*", "/dev/ttyUSB*")
_TIMEOUT_S = 0.1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _confirm(text: str) -> None:
    _say(f"{text}, then press Enter; Ctrl-C leaves everything as it is")
    try:
        input()
    except EOFError as error:
        raise BusError("nobody confirmed; run it in a terminal") from error


@contextmanager
def _opened(path: str, baud_rate: int) -> Iterator[ServoPort]:
    port = ServoPort(path, baud_rate, _TIMEOUT_S)
    port.open()
    try:
        yield port
    finally:
        port.close()


def _parser(name: str, about: str) -> CommandLine:
    parser = CommandLine(f"act dynamixel {name}", about)
    parser.add_argument("--baud-rate", type=int, default=1_000_000, help="bit/s")
    return parser


def scan(words: Sequence[str]) -> None:
    """Tell which motors answer on a port, and how each is; changes nothing."""
    parser = _parser("scan", str(scan.__doc__))
    parser.add_argument("--port", default="", help=f"device; all of {', '.join(_PORTS)} if empty")
    options = parser.parse(words)
    paths = [options.port] if options.port else sorted(p for f in _PORTS for p in glob(f))
    if not paths:
        raise BusError(f"no device {' or '.join(_PORTS)}; is the adapter plugged in?")
    for path in paths:
        with _opened(path, options.baud_rate) as port:
            found = port.find()
            _say(f"{path} at {options.baud_rate} bit/s: {len(found)} motors")
            for motor_id, number in found.items():
                _say(f"  {_line(port, motor_id, number)}")


def _line(port: ServoPort, motor_id: int, number: int) -> str:
    model = MODELS[number].name if number in MODELS else f"model {number}"
    errors = port.read(motor_id, table.HARDWARE_ERROR_STATUS)
    return (
        f"id {motor_id:3}  {model:12} firmware {port.read(motor_id, table.FIRMWARE_VERSION)}  "
        f"tick {port.read(motor_id, table.PRESENT_POSITION):5}  "
        f"{0.1 * port.read(motor_id, table.PRESENT_INPUT_VOLTAGE):4.1f} V  "
        f"{port.read(motor_id, table.PRESENT_TEMPERATURE)} °C  "
        f"torque {'on' if port.read(motor_id, table.TORQUE_ENABLE) else 'off'}"
        + (f"  {table.hardware_errors(errors)}" if errors else "")
    )


def reboot(words: Sequence[str]) -> None:
    """Restart the motors that report a hardware error; they come back without torque."""
    parser = _parser("reboot", str(reboot.__doc__))
    parser.add_argument("--port", required=True, help="device")
    options = parser.parse(words)
    with _opened(options.port, options.baud_rate) as port:
        errors = {i: port.read(i, table.HARDWARE_ERROR_STATUS) for i in port.find()}
        for motor_id, status in errors.items():
            if status:
                port.reboot(motor_id)
                _say(f"motor {motor_id}: {table.hardware_errors(status)}; rebooted")
        if not any(errors.values()):
            _say(f"none of {len(errors)} motors reports an error")


def release(words: Sequence[str]) -> None:
    """Turn torque off at all motors of a port; the arm falls."""
    parser = _parser("release", str(release.__doc__))
    parser.add_argument("--port", required=True, help="device")
    options = parser.parse(words)
    with _opened(options.port, options.baud_rate) as port:
        found = port.find()
        _confirm(f"{len(found)} motors lose torque. Hold the arm")
        for motor_id in found:
            port.write(motor_id, table.TORQUE_ENABLE, 0)
        _say("torque is off")


def calibrate(words: Sequence[str]) -> None:
    """Take the pose an arm stands in for a known one, and write that as its calibration."""
    parser = CommandLine("act dynamixel calibrate", str(calibrate.__doc__))
    parser.add_argument("--robot", required=True, help="a shipped robot's name, or a robot file")
    parser.add_argument("--arm", required=True, help="of the robot file")
    parser.add_argument("--role", default="follower", choices=("follower", "leader"))
    parser.add_argument("--bus", default="", help="bus file; empty: the shipped one of the role")
    parser.add_argument(
        "--pose",
        default="sleep",
        choices=("sleep", "start", "zero"),
        help="of the robot file; zero: joints at 0 rad, gripper closed",
    )
    parser.add_argument("--calibration-dir", default=DynamixelParams.calibration_dir)
    options = parser.parse(words)
    arms = {arm.name: arm for arm in load_robot(options.robot).arms}
    arm = arms[choose(options.arm, arms, "arm")]
    pose = _pose_rad(arm, options.role, options.pose)
    bus = options.bus or f"aloha_{options.role}"
    folder = user_path(options.calibration_dir)
    spec = load_bus(bus, arm.name, folder)
    with _opened(spec.port, spec.baud_rate) as port:
        find_motors(port, spec)
        check_released(port, spec)
        for text in set_up_eeprom(port, spec):
            _say(text)
        wanted = ", ".join(f"{name} {value:.2f}" for name, value in pose.items())
        _confirm(f"Put the arm into the pose '{options.pose}' ({wanted} rad)")
        zeros = find_zeros(port, spec, np.array([pose[motor.name] for motor in spec.motors]))
        for text in align_shadows(port, spec):
            _say(text)
    path = calibration_file(bus, arm.name, folder)
    write_calibration(path, zeros)
    _say(f"wrote {path}: " + ", ".join(f"{name} {zero:+.3f}" for name, zero in zeros.items()))


def _pose_rad(arm: ArmSpec, role: str, pose: str) -> dict[str, float]:
    """Return joint → angle of a pose; of the gripper, that of its motor."""
    values = dict.fromkeys(arm.names, 0.0) if pose == "zero" else getattr(arm, pose)
    end = arm.gripper.leader if role == "leader" else arm.gripper.command
    opening = values[arm.gripper.name]
    return {**values, arm.gripper.name: end.closed + opening * (end.open - end.closed)}


TOOLS: MappingProxyType[str, Callable[[Sequence[str]], None]] = MappingProxyType(
    {"scan": scan, "calibrate": calibrate, "reboot": reboot, "release": release}
)


def run_tool(name: str, words: Sequence[str]) -> int:
    """Do the job called `name` with its options; raises ActError, and SystemExit for --help."""
    TOOLS[choose(name, TOOLS, "job")](words)
    return 0


def main() -> None:
    """Run one job, as `ros2 run act_teleop dynamixel scan`."""
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        _say("usage: dynamixel JOB [OPTIONS]\n")
        _say("\n".join(f"  {n:10} {str(t.__doc__).splitlines()[0]}" for n, t in TOOLS.items()))
        return
    try:
        run_tool(words[0], words[1:])
    except ActError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
