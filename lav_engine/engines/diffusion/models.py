"""Which models the Light-A-Video engines are made of, and where they come from.

Standard library only: the client lists and fetches them. Revisions are branches and not commits,
and sizes are estimates (parameters times the stored type): neither could be looked up when this
was written.
"""

from __future__ import annotations

from dataclasses import dataclass

from lav_engine.errors import Code, LavError

GB = 10**9
REVISION = "main"
# Of the files below, copies that would be fetched for nothing.
IGNORED = ("*.fp16.*", "*.non_ema.*", "*.bin", "*.ckpt", "*.pt", "*.pth")


@dataclass(frozen=True, slots=True)
class Licence:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """A network of a model: a folder with its config and weights."""

    folder: str  # below the model's own; "." is that itself
    parameters: int
    weights: str = "diffusion_pytorch_model"  # the name of its files, less ".safetensors"


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    title: str
    repo: str  # on the Hugging Face hub
    size: int  # bytes to download
    licence: Licence
    parts: tuple[Part, ...]
    files: tuple[str, ...]  # patterns
    reads: tuple[str, ...] = ()  # the folders of small files that it cannot do without
    engine: str = ""  # whose video model it is; "": all engines use it
    half: str = "float16"  # the 16-bit type it was made for
    vram: int = 0  # bytes, as `device.plans` puts a whole window on the card; 0: not a video model
    network: str = "transformer"  # the folder of the one that runs at each step
    strength: float = 1.0  # the most it can start from
    revision: str = REVISION
    is_optional: bool = False  # engines use it where it is and do without it where it is not

    @property
    def file(self) -> str:
        """The one file of a model that is no folder of parts; else ""."""
        return "" if self.parts else self.files[0]

    def parameters(self, folder: str) -> int:
        return next((part.parameters for part in self.parts if part.folder == folder), 0)


APACHE = Licence("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0")
OPENRAIL = Licence(
    "CreativeML OpenRAIL-M", "https://huggingface.co/spaces/CompVis/stable-diffusion-license"
)
COGVIDEOX = Licence(
    "CogVideoX License", "https://huggingface.co/THUDM/CogVideoX-5b/blob/main/LICENSE"
)


def _folders(*folders: str) -> tuple[str, ...]:
    """Configs and weights of networks, and the small files of tokenizers and schedulers."""
    return (
        "model_index.json",
        "scheduler/*.json",
        "tokenizer/*",
        *(f"{folder}/*.{suffix}" for folder in folders for suffix in ("json", "safetensors")),
    )


def _iclight(name: str, title: str) -> Model:
    file = f"iclight_sd15_{name.removeprefix('iclight-')}.safetensors"
    return Model(
        name, title, "lllyasviel/ic-light", int(1.72 * GB), APACHE, parts=(), files=(file,)
    )


def _wan(name: str, title: str, repo: str, size: float, parameters: int, **more: object) -> Model:
    network = str(more.get("network", "transformer"))
    parts = (
        Part(network, parameters),
        Part("vae", 127_000_000),
        Part("text_encoder", 5_681_000_000, "model"),
    )
    return Model(
        name,
        title,
        f"Wan-AI/{repo}",
        int(size * GB),
        APACHE,
        parts,
        _folders(network, "vae", "text_encoder"),
        reads=("tokenizer",),  # its schedule is Wan's own
        engine="wan",
        half="bfloat16",
        **more,  # pyright: ignore[reportArgumentType]
    )


def _cogvideox(
    name: str, title: str, size: float, parameters: int, half: str, licence: Licence, vram: int
) -> Model:
    parts = (
        Part("transformer", parameters),
        Part("vae", 216_000_000),
        Part("text_encoder", 4_762_000_000, "model"),
    )
    return Model(
        name,
        title,
        f"THUDM/{title}",
        int(size * GB),
        licence,
        parts,
        _folders("transformer", "vae", "text_encoder"),
        reads=("tokenizer", "scheduler"),
        engine="cogvideox",
        half=half,
        vram=vram,
    )


BASE, FC, FBC, OUTLINE = "realistic-vision-v51", "iclight-fc", "iclight-fbc", "sam2.1-tiny"
MODELS = {
    model.name: model
    for model in (
        Model(
            BASE,
            "Realistic Vision 5.1 (Stable Diffusion 1.5)",
            "stablediffusionapi/realistic-vision-v51",
            int(4.3 * GB),
            OPENRAIL,
            (
                Part("unet", 860_000_000),
                Part("vae", 84_000_000),
                Part("text_encoder", 123_000_000, "model"),
            ),
            _folders("unet", "vae", "text_encoder"),
            reads=("tokenizer", "scheduler"),
        ),
        _iclight(FC, "IC-Light"),
        _iclight(FBC, "IC-Light, conditioned on a background"),
        Model(
            "animatediff-v1-5-3",
            "AnimateDiff motion adapter 1.5.3",
            "guoyww/animatediff-motion-adapter-v1-5-3",
            int(1.82 * GB),
            APACHE,
            (Part(".", 417_000_000),),
            ("config.json", "diffusion_pytorch_model.safetensors"),
            engine="animatediff",
            network=".",
            vram=16 * GB,
        ),
        _cogvideox("cogvideox-2b", "CogVideoX-2b", 13.4, 1_694_000_000, "float16", APACHE, 35 * GB),
        _cogvideox(
            "cogvideox-5b", "CogVideoX-5b", 21.5, 5_570_000_000, "bfloat16", COGVIDEOX, 43 * GB
        ),
        _wan(
            "wan2.1-1.3b",
            "Wan2.1 T2V 1.3B",
            "Wan2.1-T2V-1.3B-Diffusers",
            28.9,
            1_419_000_000,
            vram=24 * GB,
        ),
        _wan(
            "wan2.1-14b",
            "Wan2.1 T2V 14B",
            "Wan2.1-T2V-14B-Diffusers",
            80.3,
            14_289_000_000,
            vram=49 * GB,
        ),
        # Two experts: the one for noise levels below 0.875 sees all that relighting starts from.
        # Shifted by 3, that level is reached at strength 0.7.
        _wan(
            "wan2.2-14b",
            "Wan2.2 T2V A14B, the low-noise expert",
            "Wan2.2-T2V-A14B-Diffusers",
            80.3,
            14_289_000_000,
            vram=49 * GB,
            network="transformer_2",
            strength=0.7,
        ),
        Model(
            OUTLINE,
            "SAM 2.1 Hiera Tiny, finer outlines where no mask is given",
            "facebook/sam2.1-hiera-tiny",
            int(0.156 * GB),
            APACHE,
            (Part(".", 39_000_000, "model"),),
            ("config.json", "model.safetensors"),
            is_optional=True,
        ),
    )
}


def find(name: str) -> Model:
    """Raises LavError with the names there are."""
    if name in MODELS:
        return MODELS[name]
    raise LavError(
        f"There is no model called {name!r}.",
        f"Choose one of: {', '.join(MODELS)}.",
        Code.bad_value,
    )


def siblings(engine: str) -> tuple[Model, ...]:
    """The video models an engine runs with, its own choice first."""
    return tuple(model for model in MODELS.values() if model.engine == engine)


def video_model(engine: str, name: str | None = None) -> Model:
    """The named sibling, or the engine's own choice; raises LavError for another engine's."""
    own = siblings(engine)
    if not name:
        return own[0]
    model = find(name)
    if model not in own:
        names = ", ".join(one.name for one in own)
        raise LavError(
            f"The {engine} engine cannot run {model.title}.", f"It runs: {names}.", Code.bad_value
        )
    return model


def check_strength(model: Model, strength: float) -> None:
    """Raises LavError: the model never learnt the noise that relighting would start from."""
    if strength > model.strength:
        raise LavError(
            f"{model.title} relights with a strength of up to {model.strength}, not {strength}.",
            "Lower the strength, or choose another video model.",
            Code.bad_value,
        )


def relighter(background: bool) -> Model:
    return MODELS[FBC if background else FC]


def needed(engine: str, video: str | None = None, *, background: bool = False) -> tuple[Model, ...]:
    """All models of a render, in the order they are loaded."""
    return MODELS[BASE], relighter(background), video_model(engine, video)
