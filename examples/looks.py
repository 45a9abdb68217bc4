"""One frame under several lights: `python examples/looks.py CLIP FRAME OUT.png [PROMPT ...]`.

Without prompts it shows the presets. The picture in the README is made with it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2

from lav_engine import catalog, sheet
from lav_engine.preview import poster, preview
from lav_engine.spec import LightRequest

WIDTH, COLUMNS = 960, 3


def main(clip: str, frame: str, out: str, *prompts: str) -> None:
    spec = catalog.engine("draft")
    engine = catalog.load_engine(spec)
    lights = [(prompt, LightRequest(prompt=prompt)) for prompt in prompts]
    lights = lights or [(look.title, LightRequest(preset=look.name)) for look in catalog.looks()]
    path, media_frame = Path(clip), int(frame)
    titled = [("As shot", poster(path, media_frame, WIDTH))]
    for title, light in lights:
        relit = preview(path, media_frame, light, engine, spec, width=WIDTH)
        titled.append((title, relit.image))
    picture = cv2.cvtColor(sheet.grid(titled, COLUMNS), cv2.COLOR_RGB2BGR)
    cv2.imwrite(out, picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main(*sys.argv[1:])
