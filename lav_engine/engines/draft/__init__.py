"""Draft: a weight-free relighter for any CPU."""

from lav_engine.spec import EngineLimits, EngineSpec, Lane, Scope

spec = EngineSpec(
    name="draft",
    title="Draft",
    summary="Instant, no downloads: matte, geometry and shading estimated from the clip itself.",
    limits=EngineLimits(
        long_side=384,
        multiple=2,
        frames=32,
        overlap=4,
        preroll=4,
        lane=Lane.cpu,
        scopes=(Scope.both, Scope.subject, Scope.background),
    ),
    factory="lav_engine.engines.draft.engine:DraftEngine",
)
