# SPDX-License-Identifier: Apache-2.0
"""A cell to practise with: what a robot file says of a lab, without arms or cameras."""
