# SPDX-License-Identifier: Apache-2.0
"""What the nodes share: messages to arrays and back, parameters, QoS, running a node."""
