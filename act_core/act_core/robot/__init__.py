# SPDX-License-Identifier: Apache-2.0
"""What a robot is: its description, its file, its streams by joint name, what commands may do."""
