"""What a user is told: one problem at a time, with one thing to do about it.

Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass

from .messages import Problem

CONNECT = "connect"  # start the server, or reach it again
RETRY = "retry"  # the render `about`
RESUME = "resume"  # watch the renders that were found
BAKE = "bake"  # the clip `about`
BAKE_AND_RELIGHT = "bake and relight"  # the clip `about`, as it was asked for
EXTEND = "extend"  # the active take of the clip `about`
PREFERENCES = "preferences"  # where the bridge is
DISMISS = "dismiss"

LABELS = {
    CONNECT: "Start Server",
    RETRY: "Try Again",
    RESUME: "Resume",
    BAKE: "Bake",
    BAKE_AND_RELIGHT: "Bake and Relight",
    EXTEND: "Extend the Take",
    PREFERENCES: "Open Preferences",
    DISMISS: "OK",
}
ACTIONS = {
    "SERVER_DOWN": CONNECT,
    "BRIDGE_LOST": CONNECT,
    "BRIDGE_MISSING": PREFERENCES,
    "VERSION_SKEW": PREFERENCES,
    "NEEDS_BAKE": BAKE,
    "TAKE_SHORT": EXTEND,
    "UNFINISHED": RESUME,
}


@dataclass(frozen=True)
class Notice:
    problem: Problem
    action: str = DISMISS
    about: str = ""  # a render's key or a clip's id

    @property
    def label(self) -> str:
        return LABELS[self.action]


def notice(problem: Problem, about: str = "", otherwise: str = DISMISS) -> Notice:
    """With the action that fits the problem's code."""
    return Notice(problem, ACTIONS.get(problem.code, otherwise), about)
