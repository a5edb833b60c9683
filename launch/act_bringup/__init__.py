# SPDX-License-Identifier: Apache-2.0
"""What brings the suite's packages together; nothing imports it."""
