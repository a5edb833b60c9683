# SPDX-License-Identifier: Apache-2.0
"""Records episodes from ROS 2 topics into ALOHA-layout HDF5 files."""
