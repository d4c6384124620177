"""Off-policy estimates of 10,000 rounds, beside Open Bandit Pipeline (obp).

obp imports PyTorch, which none of the estimators compared here uses, so a module of
that name without content stands in for it. Both sides get the same log, policy and
model of the reward, as arrays; the clock runs over IPS, SNIPS, the direct method,
doubly robust and switch-DR, ours with all checks and standard errors, theirs without.
"""

import sys
import types

import numpy as np
from scipy.special import softmax

from recbook.marketing import ope, worlds
from tests.benchmarks.peers.clock import medians

LIMIT_S = 0.005
THRESHOLD = 5.0
SIZES = {"clicks": 10_000, "minutes": 1_000}


class Hollow(types.ModuleType):
    """A module that has every name: an empty class."""

    def __getattr__(self, name):
        """Return an empty class of that name."""
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


def peer():
    """Return obp.ope, imported with a hollow torch unless there is a real one."""
    try:
        import torch  # noqa: F401
    except ImportError:
        for name in ("torch", "torch.nn", "torch.optim", "torch.utils",
                     "torch.utils.data", "torch.nn.functional"):  # fmt: skip
            sys.modules[name] = Hollow(name)
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], child, sys.modules[name])
    import obp.ope

    return obp.ope


def case(reward):
    """Return a log, a policy and a model's answers, the latter two for each round."""
    world = worlds.banners()
    old = 0.3 / 8 + 0.7 * softmax(20 * world.truth.clicks, axis=1)
    new = softmax(60 * world.truth.clicks, axis=1)
    log = ope.draw_log(world, old, SIZES[reward], seed=17, reward=reward)
    q_hat = ope.cross_fitted(log, lambda part: ope.cell_means(part, 16, 8))
    return log, new[log.context], q_hat


def ours(log, policy, q_hat):
    """Return our five estimates."""
    return [
        ope.ips(log, policy).value,
        ope.snips(log, policy).value,
        ope.direct(log, policy, q_hat).value,
        ope.doubly_robust(log, policy, q_hat).value,
        ope.switch_dr(log, policy, q_hat, THRESHOLD).value,
    ]


def theirs(obp, log, policy, q_hat):
    """Return the peer's."""
    arguments = {
        "reward": log.reward,
        "action": log.action,
        "pscore": log.propensity,
        "action_dist": policy[:, :, None],
        "estimated_rewards_by_reg_model": q_hat[:, :, None],
    }
    estimators = (
        obp.InverseProbabilityWeighting(),
        obp.SelfNormalizedInverseProbabilityWeighting(),
        obp.DirectMethod(),
        obp.DoublyRobust(),
        obp.SwitchDoublyRobust(tau=THRESHOLD),
    )
    return [e.estimate_policy_value(**arguments) for e in estimators]


def parity():
    """Raise unless all five are the peer's to 1e-10, on clicks and on minutes."""
    obp = peer()
    for reward in SIZES:
        log, policy, q_hat = case(reward)
        np.testing.assert_allclose(
            ours(log, policy, q_hat),
            theirs(obp, log, policy, q_hat),
            rtol=0,
            atol=1e-10,
        )


def rows():
    """Measure all five on 10,000 rounds."""
    obp = peer()
    arguments = case("clicks")
    mine, peer_s = medians(
        lambda: ours(*arguments), lambda: theirs(obp, *arguments), repetitions=21
    )
    return [
        {
            "benchmark": "IPS, SNIPS, DM, DR and switch-DR of one log",
            "size": "10000 rounds, 8 actions",
            "ours_s": mine,
            "peer": "obp 0.4.1",
            "peer_s": peer_s,
            "ratio": peer_s / mine,
            "note": f"ours checked and with standard errors; limit {LIMIT_S} s",
        }
    ]
