"""An engine plug-in that fails on request, for tests: put this file's grandparent on PYTHONPATH."""

from dataclasses import replace

from lav_engine.spec import EngineLimits, EngineSpec, Lane
from lav_fault_engine import kill_points

spec = EngineSpec(
    name="fault",
    title="Fault",
    summary="Brightens by half a stop, or fails as `prompts.relight` says.",
    limits=EngineLimits(long_side=96, multiple=2, frames=8, overlap=2, preroll=2, lane=Lane.cpu),
    factory="lav_fault_engine.engine:FaultEngine",
)
on_device = replace(spec, name="fault-on-device", limits=replace(spec.limits, lane=Lane.device))

kill_points.install()
