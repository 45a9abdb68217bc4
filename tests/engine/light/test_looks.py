import subprocess
import sys

import pytest

from lav_engine.errors import Code, LavError
from lav_engine.light import looks
from lav_engine.light.bounds import bounded


def test_there_are_eight_to_twelve_looks_in_every_group():
    assert 8 <= len(looks.LOOKS) <= 12
    assert {look.group for look in looks.LOOKS.values()} == set(looks.GROUPS)


def test_every_look_is_within_bounds_and_says_words_for_engines_that_read():
    for name, look in looks.LOOKS.items():
        assert name == look.name
        assert bounded(look.light) == look.light
        assert look.light.prompt
        assert "left" not in look.light.prompt  # the side is a number, which may be overridden


def test_no_look_has_black_shadows():
    for look in looks.LOOKS.values():
        ambient = look.light.ambient.stops
        assert ambient is not None
        assert ambient >= look.light.lamps[0].stops - 4


def test_nights_are_darker_than_days_and_not_washed_in_blue():
    moonlight = looks.find("moonlight").light
    assert moonlight.bias < -0.3
    assert moonlight.lamps[0].color is None  # white moved along the locus, not a blue gel
    assert moonlight.ambient.stops is not None
    assert moonlight.ambient.stops < -3


def test_an_unknown_look_names_the_nearest():
    with pytest.raises(LavError) as caught:
        looks.find("Golden Hours")
    assert caught.value.code == Code.unknown_preset
    assert "golden-hour" in caught.value.hint


def test_a_look_like_no_other_names_them_all():
    with pytest.raises(LavError) as caught:
        looks.find("xyzzy")
    assert all(name in caught.value.hint for name in looks.LOOKS)


def test_lights_load_nothing_but_the_standard_library():
    """The daemon lists presets and resolves lights without numpy."""
    program = (
        "import sys; import lav_engine.light.rig, lav_engine.light.lightfile;"
        "print(*{m.partition('.')[0] for m in sys.modules} - sys.stdlib_module_names)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    foreign = {name for name in done.stdout.split() if not name.startswith("_")}
    assert foreign <= {"lav_engine"}
