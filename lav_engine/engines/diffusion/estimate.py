"""How long a render will take: counted arithmetic over what a device gets done. Rough.

Counts are per call in TFLOP (multiply and add apart), taken with torch's FlopCounterMode on the
real configs; they scale with picture size and frames. What a device does is a guess from published
runs of Light-A-Video (60 to 70 TFLOP/s on cards of the A6000's class), until it is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from lav_engine.engines.diffusion.settings import Settings

PIXELS = 512 * 512
IMAGE_UNET, IMAGE_VAE = 0.81, 3.63  # of a frame of 512 x 512: one guidance half; there and back
RATES = {"cuda": 60.0, "mps": 4.0, "cpu": 0.2}  # TFLOP/s


@dataclass(frozen=True, slots=True)
class Video:
    """Of a frame of 512 x 512."""

    network: float  # one guidance half
    vae: float  # there and back


VIDEOS = {
    "animatediff": Video(1.10, 3.63),
    "cogvideox": Video(1.86, 7.18),
    "wan": Video(1.38, 3.56),
}
SIBLINGS = {"cogvideox-5b": 3.3, "wan2.1-14b": 10.1, "wan2.2-14b": 10.1}  # times the usual network


def seconds(family: str, video_model: str, now: Settings, pixels: int, kind: str) -> float:
    """For `pixels` in all frames together."""
    video = VIDEOS[family]
    network = video.network * SIBLINGS.get(video_model, 1.0) * _halves(now.guidance)
    steps = now.steps.total if now.is_new_background else now.steps.kept
    evenly = [float(time) for time in range(now.steps.kept, 0, -1)]
    relit = sum(1 for weight in now.schedule.weights(evenly) if weight) + now.is_new_background
    relighter = now.relight_steps * IMAGE_UNET * _halves(now.relight_guidance) + IMAGE_VAE
    total = relit * (relighter + video.vae) + steps * network + video.vae + 2 * IMAGE_VAE
    return total * pixels / PIXELS / RATES[kind]


def _halves(guidance: float) -> int:
    return 1 if guidance <= 1 else 2
