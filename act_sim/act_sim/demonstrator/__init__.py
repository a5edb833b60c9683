# SPDX-License-Identifier: Apache-2.0
"""The scripted demonstrator: plans of both arms that a person's hands might follow."""
