"""What all baselines can take: anything, at a small working size."""

from lav_engine.spec import EngineLimits, Lane

LIMITS = EngineLimits(long_side=384, multiple=2, frames=24, overlap=0, preroll=0, lane=Lane.cpu)
