# SPDX-License-Identifier: Apache-2.0
"""What a robot file asks for against what is there."""
