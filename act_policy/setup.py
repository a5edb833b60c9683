# SPDX-License-Identifier: Apache-2.0
from glob import glob

from setuptools import find_packages, setup

NAME = "act_policy"

setup(
    name=NAME,
    version="0.1.0",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["py.typed", "**/*.yaml", "**/*.xml"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", glob("launch/*.launch.py")),
        (f"share/{NAME}/config", glob("config/*")),
        *[(f"share/{NAME}/{folder}", glob(f"{folder}/*")) for folder in glob("checkpoints/*")],
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="The ACT suite maintainers",
    maintainer_email="maintainers@example.com",
    description=(
        "Action Chunking with Transformers: model, training, and the node that drives "
        "with temporal ensembling."
    ),
    license="Apache-2.0",
    extras_require={"test": ["pytest"]},
    entry_points={
        "console_scripts": [
            "policy_node = act_policy.executables:policy_node",
            "train = act_policy.executables:train",
        ],
    },
)
