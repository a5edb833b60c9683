# SPDX-License-Identifier: Apache-2.0
from glob import glob

from setuptools import find_packages, setup

NAME = "act_sim"

setup(
    name=NAME,
    version="0.1.0",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["py.typed", "**/*.yaml", "**/*.xml"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", glob("launch/*.launch.py")),
        (f"share/{NAME}/rviz", glob("rviz/*.rviz")),
        (f"share/{NAME}/urdf", glob("urdf/*.urdf")),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="The ACT suite maintainers",
    maintainer_email="maintainers@example.com",
    description=(
        "MuJoCo ALOHA cell as a ROS 2 robot: tasks, scripted demonstrator, evaluation of policies."
    ),
    license="Apache-2.0",
    extras_require={"test": ["pytest"]},
    entry_points={
        "console_scripts": [
            "sim_node = act_sim.executables:sim_node",
            "demonstrator_node = act_sim.executables:demonstrator_node",
            "evaluate = act_sim.executables:evaluate",
            "gamepad_node = act_sim.executables:gamepad_node",
            "keyboard_node = act_sim.executables:keyboard_node",
        ],
    },
)
