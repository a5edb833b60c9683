# SPDX-License-Identifier: Apache-2.0
"""The ALOHA cell in MuJoCo: physics, images, episodes."""
