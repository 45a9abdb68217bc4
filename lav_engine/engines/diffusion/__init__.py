"""Light-A-Video: IC-Light frames, steadied by attention, fused into a video diffusion model."""

from dataclasses import replace

from lav_engine.spec import Delivery, EngineLimits, EngineSpec, Lane, Scope

_MODULE = "lav_engine.engines.diffusion.engine"

# 16 frames are what the motion adapter was trained on; latents are an eighth of the picture.
_IMAGE_LATENTS = EngineLimits(
    long_side=512,
    multiple=8,
    frames=12,
    overlap=4,
    preroll=0,
    lane=Lane.device,
    scopes=(Scope.both, Scope.subject, Scope.background),
    deliveries=(Delivery.light, Delivery.picture),
)
# 49 frames, of which the grid's step is a multiple of 4: neighbours share whole latent frames.
_VIDEO_LATENTS = replace(_IMAGE_LATENTS, multiple=16, frames=44, overlap=5)

animatediff = EngineSpec(
    name="animatediff",
    title="AnimateDiff",
    summary="Light-A-Video on Stable Diffusion 1.5: reads words, can make a new background.",
    limits=replace(_IMAGE_LATENTS, scopes=(*_IMAGE_LATENTS.scopes, Scope.new_background)),
    factory=f"{_MODULE}:animatediff",
    reads_words=True,
)

cogvideox = EngineSpec(
    name="cogvideox",
    title="CogVideoX",
    summary="Light-A-Video on CogVideoX: reads words, steadier over longer sections.",
    limits=replace(_VIDEO_LATENTS, long_side=720),
    factory=f"{_MODULE}:cogvideox",
    reads_words=True,
)

wan = EngineSpec(
    name="wan",
    title="Wan",
    summary="Light-A-Video on Wan 2.1: reads words, the most detailed of the three.",
    limits=replace(_VIDEO_LATENTS, long_side=832),
    factory=f"{_MODULE}:wan",
    reads_words=True,
)
