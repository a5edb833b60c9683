# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with an episode: one check a defect, and the verb that runs them."""
