# SPDX-License-Identifier: Apache-2.0
from glob import glob

from setuptools import find_packages, setup

NAME = "act_recorder"

setup(
    name=NAME,
    version="0.1.0",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["py.typed", "**/*.yaml", "**/*.xml", "**/page/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", glob("launch/*.launch.py")),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="The ACT suite maintainers",
    maintainer_email="maintainers@example.com",
    description="Records episodes from ROS 2 topics into ALOHA-layout HDF5 files.",
    license="Apache-2.0",
    extras_require={"test": ["pytest"]},
    entry_points={
        "console_scripts": [
            "recorder_node = act_recorder.executables:recorder_node",
            "record = act_recorder.executables:record",
            "session_node = act_recorder.executables:session_node",
            "keys = act_recorder.executables:keys",
            "dataset = act_recorder.executables:dataset",
        ],
    },
)
