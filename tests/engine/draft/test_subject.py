import cv2
import numpy as np
from draft_scenes import HEIGHT, WIDTH, ball, disc, window

from lav_engine.engines.draft import matte, scene, temporal
from lav_engine.engines.draft.cut import cut, prices
from lav_engine.engines.draft.pieces import follows_edges, tidy
from lav_engine.engines.draft.stir import stir

ELBOW = np.array([[104, 62], [70, 86], [80, 116], [106, 124]], np.int32)


def wall(seed=4):
    grain = np.random.default_rng(seed).normal(0, 0.012, (HEIGHT, WIDTH, 1))
    return (np.array([0.52, 0.55, 0.5]) + grain).astype(np.float32)


def figure(turn=0, akimbo=False, painted=False, ground=None):
    """A head and a trunk before a wall or `ground`; the head shifts by `turn` pixels.

    Beside it there may be an arm that encloses some ground, and a picture that touches the head.
    """
    frame = wall() if ground is None else ground
    if painted:
        cv2.rectangle(frame, (136, 14), (196, 56), (0.75, 0.7, 0.55), -1)
        cv2.rectangle(frame, (136, 14), (196, 56), (0.3, 0.22, 0.15), 2)
        cv2.circle(frame, (168, 36), 10, (0.5, 0.35, 0.2), -1)
    cv2.ellipse(frame, (124, 140), (34, 86), 0, 0, 360, (0.2, 0.25, 0.45), -1)
    cv2.circle(frame, (124 + turn, 40), 22, (0.72, 0.5, 0.4), -1)
    cv2.circle(frame, (118 + turn, 36), 3, (0.1, 0.1, 0.1), -1)
    cv2.line(frame, (104 + turn, 80), (104 + turn, 140), (0.6, 0.62, 0.7), 3)
    if akimbo:
        cv2.polylines(frame, [ELBOW], False, (0.2, 0.25, 0.45), 12)
    return np.clip(frame, 0, 1)


def found(frames):
    return [m.astype(np.float32) for m in scene.read(window(np.stack(frames))).mattes]


def field():
    """Leafy grass under a pale sky."""
    rng = np.random.default_rng(4)
    leaf = cv2.GaussianBlur(rng.normal(0, 0.9, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 5)
    low = (np.arange(HEIGHT) > 70)[:, None, None]
    ground = np.where(low, np.array([0.36, 0.42, 0.2]), np.array([0.55, 0.6, 0.62]))
    grain = rng.normal(0, 0.012, (HEIGHT, WIDTH, 1))
    return (ground * (1 + leaf[..., None]) + grain).astype(np.float32)


def test_grass_seen_between_arm_and_body_stays_grass():
    (seen,) = found([figure(akimbo=True, ground=field())])
    assert seen[92:106, 84:90].mean() < 0.2
    assert seen[92:100, 71:77].mean() > 0.8  # the arm itself
    assert seen[90:120, 110:130].mean() > 0.9


def test_a_picture_on_the_wall_does_not_move_with_the_head_before_it():
    seen = found([figure(round(5 * np.sin(t / 2)), painted=True) for t in range(12)])[6]
    assert seen[20:50, 156:190].mean() < 0.2
    assert seen[30:50, 112:132].mean() > 0.8
    assert seen[90:130, 110:136].mean() > 0.9


def test_light_on_a_forehead_is_no_hole_and_a_gap_is():
    small = (figure() * 255).astype(np.uint8)
    body = (np.abs(figure() - wall()).max(-1) > 0.05).astype(np.uint8)
    body[90:114, 114:134] = 0
    likely = body.astype(np.float32)
    assert tidy(body.copy(), likely, small)[100, 124] == 1
    cv2.rectangle(small, (114, 90), (133, 113), (132, 140, 128), -1)
    assert tidy(body.copy(), likely, small)[100, 124] == 0


def test_an_outline_is_cut_along_the_step_of_colour():
    picture = np.full((48, 64, 3), 90, np.uint8)
    picture[:, 30:] = 140
    x = np.arange(64)[None].repeat(48, 0)
    noise = np.random.default_rng(2).normal(0, 1.5, (48, 64))
    belief = np.where(x < 36, -1.0, 1.0) + noise  # vague, and six pixels off
    cost = prices(picture)
    subject = cut(belief.astype(np.float32), cost, np.full((48, 64), 0.5, np.float32)) > 0.5
    assert (subject == (x >= 30)).mean() > 0.97


def test_an_outline_that_follows_nothing_is_refused():
    small = (ball()[0] * 255).astype(np.uint8)
    assert follows_edges(disc(100.0), small)
    assert not follows_edges(np.roll(disc(100.0), 90, 1), small)


def test_what_moves_stirs_and_what_does_not_stands():
    frames = np.stack([figure(2 * t, painted=True) for t in range(5)])
    seen = stir(frames, temporal.link(frames), 2)
    frame, head = np.s_[10:30, 104:112], np.s_[12:34, 60:80]  # at 144 of 256 pixels
    assert seen.stood[frame].max() > 0.8
    assert seen.stirred[frame].max() < 0.2
    assert seen.stirred[head].max() > 0.8


def test_a_panned_wall_stands():
    grain = cv2.GaussianBlur(np.random.default_rng(1).random((HEIGHT, 2 * WIDTH, 3)), (0, 0), 3)
    broad = np.clip(0.5 + 4 * (grain - 0.5), 0, 1).astype(np.float32)
    frames = np.stack([broad[:, 2 * t : 2 * t + WIDTH] for t in range(5)])
    seen = stir(frames, temporal.link(frames), 2)
    inner = np.s_[10:-10, 16:-16]
    assert np.median(seen.stirred[inner]) < 0.2


def test_a_still_shot_is_read_as_a_still_picture():
    frame = figure(akimbo=True)
    alone, held = matte.read(frame), found([frame] * 3)[1]
    assert (np.abs(cv2.resize(alone, (WIDTH, HEIGHT)) - held) > 0.5).mean() < 0.04


def test_a_smooth_ramp_has_no_subject_whose_outline_would_band_it():
    ramp = np.linspace(0.05, 0.85, WIDTH, dtype=np.float32)
    picture = np.broadcast_to(ramp[None, :, None], (HEIGHT, WIDTH, 3)).copy()
    assert not matte.read(picture).any()
