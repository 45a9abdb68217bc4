"""Weight-free measures of a relit take: pure functions on arrays, no files, no engines.

Frames are (H, W, 3) float32, display-referred Rec.709 RGB in [0, 1], unless a name says otherwise.
Light is compared in scene-linear Rec.709 (BT.1886). Gains are in stops (log2) unless they end in
`_ln`. Masks are (H, W) bool, mattes (H, W) float32 in [0, 1].
"""
