"""Light-A-Video: IC-Light frames, steadied by attention, fused into a video diffusion model."""
