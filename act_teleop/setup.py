# SPDX-License-Identifier: Apache-2.0
from glob import glob

from setuptools import find_packages, setup

NAME = "act_teleop"

setup(
    name=NAME,
    version="0.1.0",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["py.typed", "**/*.yaml", "**/*.xml"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/config", glob("config/*")),
        (f"share/{NAME}/launch", glob("launch/*.launch.py")),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="The ACT suite maintainers",
    maintainer_email="maintainers@example.com",
    description=(
        "Leader-follower teleoperation: leader joint states to limited follower "
        "commands, by joint name."
    ),
    license="Apache-2.0",
    extras_require={"test": ["pytest"]},
    entry_points={
        "console_scripts": [
            "arm_bridge = act_teleop.executables:arm_bridge",
            "dynamixel = act_teleop.executables:dynamixel",
            "dynamixel_node = act_teleop.executables:dynamixel_node",
            "fake_lab_node = act_teleop.executables:fake_lab_node",
            "robot_check = act_teleop.executables:robot_check",
            "replay_node = act_teleop.executables:replay_node",
            "teleop_node = act_teleop.executables:teleop_node",
        ],
    },
)
