"""DaVinci Resolve as a host: what to call on `resolve`, in which order, and what to believe.

Its answers prove nothing: whatever is changed is read again. Standard library only; `resolve` may
be Resolve's own object or one whose calls travel to a script inside Resolve.
"""
