# SPDX-License-Identifier: Apache-2.0
"""How well a policy does: rollouts over topics or in one process, a judge, results, film."""
