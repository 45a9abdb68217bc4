"""However fast a clip runs, what is compared is the same frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from page_seen import Open

from lav_proto.v1 import relight_pb2 as pb


def flashing(path: Path) -> Path:
    """Fifty frames a second, each of another grey than its neighbours."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(50))
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for n in range(150):
            grey = np.full((90, 160, 3), 30 + 23 * (5 * n % 9), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, "rgb24")))
        container.mux(stream.encode())
    return path


# The brightest of a picture's middle, each time that another frame is drawn, for 3 seconds.
WATCH = """async () => {
  const canvas = document.querySelector(".wipe canvas:not([hidden])");
  const pen = canvas.getContext("2d");
  const seen = {};
  const until = performance.now() + 3000;
  while (performance.now() < until) {
    await new Promise(requestAnimationFrame);
    const { data } = pen.getImageData(canvas.width / 2, canvas.height / 2, 4, 4);
    const { frame } = canvas.dataset;
    seen[frame] = Math.max(seen[frame] ?? 0, ...data.slice(0, 3));
  }
  return seen;
}"""


@pytest.mark.slow
def test_at_fifty_frames_a_second_both_still_show_the_same_frame(server, open_page: Open) -> None:
    clip = flashing(server.folder / "flashing.mp4")
    request = pb.RelightRequest(
        clip=pb.ClipRange(path=str(clip)),
        light=pb.LightRequest(light=pb.Light(ambient=pb.Ambient(stops=0), exposure=0)),
        amount=0,
        output=pb.Output(path=str(server.folder / "flashing_take.mp4")),
    )
    job = server.client.submit(request)
    assert [event.job.state for event in server.client.watch(job.id)][-1] == pb.JOB_STATE_DONE
    page = open_page(server)
    page.get_by_role("link", name="Compare").click()
    page.wait_for_selector(".wipe canvas[data-frame='0']")
    page.keyboard.press("d")
    page.keyboard.press(" ")
    seen = page.evaluate(WATCH)
    assert len(seen) > 10
    assert max(seen.values()) <= 4 * 6  # code values, four times what two encoders make of a grey
