"""Video diffusion models that Progressive Light Fusion can pull toward a light."""
