"""Small made-up pictures for the metrics: a textured disc moving with its wall."""

import cv2
import numpy as np


def texture(height=160, width=200, seed=5):
    """(H, W, 3) float32, 0.2..0.8, detail at all sizes."""
    noise = np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)
    layers = [cv2.GaussianBlur(noise, (0, 0), sigma) * sigma for sigma in (1.0, 2.5, 6.0)]
    picture = np.sum(layers, axis=0)
    picture = 0.5 + 0.12 * picture / picture.std()
    return np.repeat(np.clip(picture, 0.2, 0.8)[..., None], 3, axis=-1).astype(np.float32)


def disc(height=160, width=200, radius=45, x=100.0, y=80.0):
    """(H, W) float32 antialiased matte."""
    rows, columns = np.indices((height, width))
    away = np.hypot(columns - x, rows - y)
    return np.clip(radius + 0.5 - away, 0, 1).astype(np.float32)


def moving(count, step, seed=5):
    """(frames, mattes): everything drifts right by `step` pixels a frame, with a little noise."""
    wide = texture(width=200 + count * step, seed=seed)
    matte = disc(width=200 + count * step, x=100.0 + count * step)
    grain = np.random.default_rng(seed + 1)
    frames, mattes = [], []
    for t in range(count):
        left = (count - t) * step
        noise = grain.normal(0, 0.004, (160, 200, 3)).astype(np.float32)
        frames.append(wide[:, left : left + 200] + noise)
        mattes.append(np.ascontiguousarray(matte[:, left : left + 200]))
    return frames, mattes
