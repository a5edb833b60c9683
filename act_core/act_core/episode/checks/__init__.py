# SPDX-License-Identifier: Apache-2.0
"""What an episode or a folder of them can be wrong in: hard defects, each a check with a code."""
