"""SAM 2's outline of the subject that a coarser matte points at.

Each frame is prompted by its own coarse matte, so windows that share a frame see it alike. The
published checkpoint is of the video model; the image model reads its part of it. The processor of
transformers would need torchvision for the resizing below.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from transformers import Sam2Model

from lav_engine.engines.diffusion import parts
from lav_engine.engines.diffusion.matte import SUBJECT, Matte

AGREED = 0.3  # common area over joint area; below it SAM 2 outlines something else
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, as SAM 2 learnt
# One tensor with two names, of which checkpoints may hold the other alone.
SECOND_NAME = "prompt_encoder.shared_embedding.positional_embedding"


def load(folder: Path, device: torch.device) -> Any:
    """Raises LavError(MODEL_UNUSABLE)."""
    model = parts.load(Sam2Model, folder, torch.float32, spare=(SECOND_NAME,))
    model.prompt_encoder.shared_embedding = model.shared_image_embedding
    return model.to(device)


@torch.no_grad()
def outlines(model: Any, frames: NDArray[np.float32], coarse: Matte) -> Matte:
    """(F, H, W) from (F, H, W, 3) display-referred frames and what is roughly their subject.

    A frame keeps its coarse matte where that shows nothing, or SAM 2 sees something else.
    """
    return np.stack([_outline(model, f, c) for f, c in zip(frames, coarse, strict=True)])


def _outline(model: Any, frame: NDArray[np.float32], coarse: NDArray[np.float32]) -> Matte:
    where = (coarse >= SUBJECT).astype(np.uint8)
    if not where.any():
        return coarse
    side = model.prompt_encoder.input_image_size
    height, width = coarse.shape
    prompts = _prompts(where) * np.tile([side / width, side / height], 3)
    box, point = torch.from_numpy(prompts.astype(np.float32)).to(model.device).split([4, 2])
    found = model(
        pixel_values=_pixels(frame, side).to(model.device),
        input_points=point.view(1, 1, 1, 2),
        input_boxes=box.view(1, 1, 4),
        multimask_output=False,
    ).pred_masks[0]
    soft = F.interpolate(found, (height, width), mode="bilinear").sigmoid()[0, 0].cpu().numpy()
    return soft if _agree(soft, coarse) else coarse


def _prompts(where: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Left, top, right and bottom of the subject, and x and y of the place deepest inside it."""
    x, y = (np.flatnonzero(where.any(axis)) for axis in (0, 1))
    inside = cv2.copyMakeBorder(where, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    deep = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]
    top, left = np.unravel_index(deep.argmax(), deep.shape)
    return np.array([x[0], y[0], x[-1], y[-1], left, top], float)


def _pixels(frame: NDArray[np.float32], side: int) -> Tensor:
    """(1, 3, side, side), whatever the frame's proportions."""
    picture = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)[None]
    square = F.interpolate(picture, (side, side), mode="bilinear", antialias=True)
    mean, deviation = (torch.tensor(one).view(1, 3, 1, 1) for one in (MEAN, DEVIATION))
    return (square - mean) / deviation


def _agree(one: Matte, other: Matte) -> bool:
    return bool(np.minimum(one, other).sum() >= AGREED * np.maximum(one, other).sum())
