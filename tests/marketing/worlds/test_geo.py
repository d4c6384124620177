"""The world of regions, in some of which a campaign runs."""

import numpy as np
import pytest

from recbook.marketing import worlds


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: worlds.regions(3), "n"),
        (lambda: worlds.regions(start=60), "start is 60, but there are 60 weeks"),
        (lambda: worlds.regions(start=1), "start"),
        (lambda: worlds.regions(n_treated=39), "n_treated is 39"),
        (lambda: worlds.regions(lift=float("nan")), "lift"),
        (lambda: worlds.regions(lift=-1), "lift"),
        (lambda: worlds.regions(seed=0.5), "seed"),
    ],
)
def test_regions_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_regions_differ_only_by_the_campaign():
    calm, busy = worlds.regions(lift=0.0, seed=2), worlds.regions(lift=0.1, seed=2)
    assert (calm.treated == busy.treated).all()
    assert calm.treated.sum() == 8
    ratio = busy.sales / calm.sales
    running = calm.treated[:, None] & (np.arange(60) >= calm.start)
    np.testing.assert_allclose(ratio[running], 1.1, rtol=1e-3)
    assert (ratio[~running] == 1).all()
    assert (calm.truth.without == busy.truth.without).all()
    assert (worlds.regions(seed=3).sales != worlds.regions(seed=4).sales).any()
