# SPDX-License-Identifier: Apache-2.0
"""Seeds driven in lockstep by one policy, spread over processes or machines."""
