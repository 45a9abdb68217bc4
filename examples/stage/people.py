"""Who stands before the camera, by scene."""

from .figure import Look

ROOM = Look(
    skin=(0.50, 0.29, 0.20),
    lips=(0.36, 0.11, 0.09),
    hair=(0.075, 0.032, 0.016),
    iris=(0.05, 0.08, 0.04),
    cloth=(0.05, 0.20, 0.22),
)
BUST = Look(
    skin=(0.58, 0.36, 0.27),
    lips=(0.42, 0.16, 0.14),
    hair=(0.30, 0.16, 0.06),
    iris=(0.06, 0.12, 0.2),
    cloth=(0.45, 0.42, 0.36),
    style="short",
    stripe=(0.03, 0.05, 0.14),
)
LANDSCAPE = Look(
    skin=(0.38, 0.20, 0.125),
    lips=(0.26, 0.08, 0.07),
    hair=(0.02, 0.012, 0.008),
    iris=(0.04, 0.025, 0.012),
    cloth=(0.48, 0.10, 0.07),
    style="bun",
)
DARK = Look(
    skin=(0.105, 0.052, 0.033),
    lips=(0.12, 0.045, 0.04),
    hair=(0.010, 0.008, 0.007),
    iris=(0.025, 0.014, 0.008),
    cloth=(0.014, 0.016, 0.024),
    style="short",
    suit=True,
)
