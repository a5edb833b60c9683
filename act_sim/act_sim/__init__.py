# SPDX-License-Identifier: Apache-2.0
"""MuJoCo ALOHA cell as a ROS 2 robot: tasks, scripted demonstrator, evaluation of policies."""
