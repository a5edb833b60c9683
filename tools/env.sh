# SPDX-License-Identifier: Apache-2.0
# The environment of the suite, for bash:  . tools/env.sh
# shellcheck shell=bash
# Made usable by tools/setup.sh; sourcing it twice changes nothing.

_act_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

if [ ! -x "$_act_root/.venv/bin/python" ]; then
    echo "env.sh: $_act_root/.venv is missing; run 'make setup' first" >&2
    return 1
fi

export VIRTUAL_ENV="$_act_root/.venv"
case ":$PATH:" in
    *":$VIRTUAL_ENV/bin:"*) ;;
    *) export PATH="$VIRTUAL_ENV/bin:$PATH" ;;
esac

# ROS 2 from PyPI lives inside the virtual environment and has no setup.bash of its own.
if [ -e "$VIRTUAL_ENV/share/ament_index/resource_index/packages/rclpy" ]; then
    if [ -n "${ROS_DISTRO:-}" ]; then
        echo "env.sh: .venv holds its own ROS 2 and '$ROS_DISTRO' is sourced as well;" \
            "run 'make setup' or use a shell without it" >&2
        return 1
    fi
    export AMENT_PREFIX_PATH="$VIRTUAL_ENV"
    export CMAKE_PREFIX_PATH="$VIRTUAL_ENV"
    case ":${LD_LIBRARY_PATH:-}:" in
        *":$VIRTUAL_ENV/lib:"*) ;;
        *) export LD_LIBRARY_PATH="$VIRTUAL_ENV/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ;;
    esac
elif [ "${ROS_DISTRO:-}" != jazzy ]; then
    echo "env.sh: this virtual environment was made for an installed ROS 2 Jazzy," \
        "got ROS_DISTRO='${ROS_DISTRO:-}'; run '. /opt/ros/jazzy/setup.bash' first" >&2
    return 1
fi

if [ -e "$_act_root/install/local_setup.bash" ]; then
    # The generated script reads unset variables, so a caller's 'set -u' has to pause.
    case $- in *u*) _act_nounset=1 ;; *) _act_nounset= ;; esac
    set +u
    # shellcheck source=/dev/null
    . "$_act_root/install/local_setup.bash"
    [ -z "$_act_nounset" ] || set -u
    unset _act_nounset
fi

export COLCON_DEFAULTS_FILE="${COLCON_DEFAULTS_FILE:-$_act_root/tools/colcon_defaults.yaml}"
export RMW_IMPLEMENTATION="${RMW_IMPLEMENTATION:-rmw_fastrtps_cpp}"
# Fast DDS's default shared-memory segment is smaller than one camera image and loses frames.
export FASTRTPS_DEFAULT_PROFILES_FILE="${FASTRTPS_DEFAULT_PROFILES_FILE:-$_act_root/act_core/config/fastdds.xml}"
# A robot must not take commands from a neighbour's network unless somebody asks for it.
export ROS_AUTOMATIC_DISCOVERY_RANGE="${ROS_AUTOMATIC_DISCOVERY_RANGE:-LOCALHOST}"
# Renders without a display, with a GPU's driver or Mesa's software one.
export MUJOCO_GL="${MUJOCO_GL:-egl}"

unset _act_root
