"""What a strip is to be lit with, kept on the strip itself, and what the panel remembers."""

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..settings import HANDLES
from . import strips

MAX_LAMPS = 3
ROLES = [
    ("ROLE_KEY", "Key", "The main lamp"),
    ("ROLE_FILL", "Fill", "Softens the shadows of the key"),
    ("ROLE_RIM", "Rim", "From behind, draws an edge"),
    ("ROLE_KICKER", "Kicker", "From behind and the side"),
    ("ROLE_PRACTICAL", "Practical", "A lamp in the picture"),
]


def _by_hand(lamp, context):
    """A lamp was changed by the user: from now on the lamps say the light."""
    for strip in strips.of(lamp.id_data):
        light = strip.lav_light
        if lamp in (light.lamp_1, light.lamp_2, light.lamp_3):
            light.by_hand = light.is_touched = True
            return


def _touched(light, context):
    light.is_touched = True


class LavLamp(bpy.types.PropertyGroup):
    __annotations__ = {
        "role": EnumProperty(name="Lamp", items=ROLES, update=_by_hand),
        "azimuth": FloatProperty(
            name="Direction",
            description="0° from the camera, 90° from screen right, -90° from screen left, "
            "180° from behind",
            default=-65.0,
            soft_min=-180.0,
            soft_max=180.0,
            step=100,
            precision=0,
            update=_by_hand,
        ),
        "elevation": FloatProperty(
            name="Height",
            description="Degrees above the horizon",
            default=22.0,
            min=-90.0,
            max=90.0,
            step=100,
            precision=0,
            update=_by_hand,
        ),
        "kelvin": FloatProperty(
            name="Kelvin",
            description="Colour temperature; 5600 leaves the clip's white where it is",
            default=5800.0,
            min=1000.0,
            max=20000.0,
            step=5000,
            precision=0,
            update=_by_hand,
        ),
        "tint": FloatProperty(
            name="Tint",
            description="Towards green (+) or magenta (-)",
            min=-50.0,
            max=50.0,
            step=10,
            precision=1,
            update=_by_hand,
        ),
        "use_color": BoolProperty(
            name="Colour",
            description="A colour of its own instead of kelvin and tint",
            update=_by_hand,
        ),
        "color": FloatVectorProperty(
            name="Colour",
            description="Only its hue and saturation count",
            subtype="COLOR",
            default=(1.0, 1.0, 1.0),
            min=0.0,
            soft_max=1.0,
            update=_by_hand,
        ),
        "stops": FloatProperty(
            name="Stops",
            description="Brightness of this lamp",
            min=-10.0,
            max=10.0,
            soft_min=-4.0,
            soft_max=4.0,
            step=10,
            precision=2,
            update=_by_hand,
        ),
        "size": FloatProperty(
            name="Softness",
            description="0 is a hard point, 1 an overcast sky",
            default=0.7,
            min=0.0,
            max=1.0,
            subtype="FACTOR",
            update=_by_hand,
        ),
    }


class LavLight(bpy.types.PropertyGroup):
    """Defaults are the light preset Soft window."""

    __annotations__ = {
        "preset": StringProperty(name="Light Preset", default="soft-window", update=_touched),
        "title": StringProperty(default="Soft window"),
        "prompt": StringProperty(
            name="Words",
            description="Describes the light, like: golden hour from the left",
            update=_touched,
        ),
        "by_hand": BoolProperty(description="The lamps say the light; else preset and words"),
        "is_touched": BoolProperty(description="This strip has a light of its own"),
        "base": StringProperty(description="Light as JSON: all that the lamps do not say"),
        "count": IntProperty(name="Lamps", default=1, min=1, max=MAX_LAMPS),
        "shown": IntProperty(name="Lamp", default=0, min=0, max=MAX_LAMPS - 1),
        **{f"lamp_{n}": PointerProperty(type=LavLamp) for n in range(1, MAX_LAMPS + 1)},
        "is_exposure_locked": BoolProperty(
            name="Lock",
            description="Use this exposure, instead of one that is solved from the clip",
            update=_touched,
        ),
        "exposure": FloatProperty(
            name="Exposure",
            description="Over all lamps",
            min=-10.0,
            max=10.0,
            soft_min=-4.0,
            soft_max=4.0,
            step=10,
            precision=2,
            update=_touched,
        ),
        "amount": FloatProperty(
            name="Amount",
            description="How far from the original; 0 is the original, bit for bit",
            default=1.0,
            min=0.0,
            max=1.0,
            subtype="FACTOR",
            update=_touched,
        ),
        "engine": StringProperty(name="Engine", default="draft", update=_touched),
        "mask_from": EnumProperty(
            name="Mask",
            items=[
                ("NONE", "Auto", "The subject is found in the picture"),
                ("STRIP", "Strip", "White on the subject: the file of another strip"),
                ("FILE", "File", "White on the subject: a picture or a clip"),
            ],
            update=_touched,
        ),
        "mask_strip": StringProperty(name="Mask Strip", update=_touched),
        "mask_file": StringProperty(name="Mask File", subtype="FILE_PATH", update=_touched),
        "handles": IntProperty(
            name="Handles",
            description="Frames rendered on each side of the strip, so that it can be trimmed "
            "later; as far as its media has them",
            default=HANDLES,
            min=0,
            soft_max=48,
            update=_touched,
        ),
        "place": EnumProperty(
            name="Place",
            items=[
                ("IN_PLACE", "In Place", "The strip shows the take; the original is a click away"),
                ("ABOVE", "Above", "A new strip right above the original"),
            ],
            update=_touched,
        ),
    }


class LavPanelState(bpy.types.PropertyGroup):
    """Of the window manager: not saved."""

    __annotations__ = {
        "is_live": BoolProperty(
            name="Live",
            description="Preview the frame under the playhead whenever the light changes",
        ),
        "amount": FloatProperty(
            name="Amount",
            description="For a new delivery of the take, from the light that is kept",
            default=0.5,
            min=0.0,
            max=1.0,
            subtype="FACTOR",
        ),
    }


CLASSES = (LavLamp, LavLight, LavPanelState)


def register() -> None:
    for one in CLASSES:
        bpy.utils.register_class(one)
    strips.strip_type().lav_light = PointerProperty(type=LavLight)
    bpy.types.WindowManager.lav = PointerProperty(type=LavPanelState)


def unregister() -> None:
    del bpy.types.WindowManager.lav
    del strips.strip_type().lav_light
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
