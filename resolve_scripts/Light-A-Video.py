"""Light-A-Video for DaVinci Resolve: makes the calls that `lav bridge` asks for, and answers.

For Pythons from 3.6 on, standard library only: it runs in the one that Resolve finds. All calls of
Resolve are made on this thread. docs/resolve.md has the contract.
"""

import collections
import json
import math
import os
import platform
import queue
import subprocess
import sys
import threading

# `lav install resolve` writes these in: the command, and the version that wrote it.
BRIDGE = []
VERSION = ""

CONTRACT = 1
SILENCE = 15  # seconds without a word of the bridge after which it has gone
DEEPEST = 32  # lists within lists
NOT_OURS = ("PYTHON", "LD_LIBRARY_PATH")  # Resolve's own, not the bridge's


class Absent(Exception):
    """Resolve has no such name."""


class Executor:
    def __init__(self, resolve):
        self.objects = {0: resolve}  # by handle
        self.newest = 0

    def answer(self, request):
        for handle in request.get("release", ()):
            self.objects.pop(handle, None)
        if "say" in request:
            say(request["say"])
        answer = {"n": request["n"], "values": []}
        for call in request.get("calls", ()):
            try:
                answer["values"].append(self.called(*call))
            except Absent as error:
                answer.update(error=f"there is no {error}", absent=True)
                break
            except Exception as error:  # noqa: BLE001, whatever Resolve raises is an answer
                answer.update(error=str(error) or type(error).__name__)
                break
        return answer

    def called(self, handle, name, *arguments):
        target = self.of(handle)
        method = getattr(target, name, None)
        if method is None:
            raise Absent(name)
        return self.told(method(*[self.given(one) for one in arguments]))

    def of(self, handle):
        if handle not in self.objects:
            raise LookupError("an object that was let go")
        return self.objects[handle]

    def given(self, value):
        """What the bridge means: {"@": handle} is an object, {"$": NAME} a constant."""
        if isinstance(value, list):
            return [self.given(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "@" in value:
            return self.of(value["@"])
        if "$" in value:
            constant = getattr(self.objects[0], value["$"], None)
            if constant is None:
                raise Absent(value["$"])
            return constant
        return {key: self.given(one) for key, one in value.items()}

    def told(self, value, depth=0):
        """JSON in which lists, {"=": [[key, value], ...]} and {"@": handle} are told apart."""
        if depth > DEEPEST:
            raise ValueError("lists within lists without an end")
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            if not math.isfinite(value):
                return None
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        if isinstance(value, (list, tuple)):
            return [self.told(one, depth + 1) for one in value]
        if isinstance(value, dict):
            pairs = value.items()
            return {"=": [[self.told(k, depth + 1), self.told(v, depth + 1)] for k, v in pairs]}
        self.newest += 1
        self.objects[self.newest] = value
        return {"@": self.newest}


class Bridge:
    """The process; what it says arrives in `heard`, None at its end."""

    def __init__(self, command):
        ours = {name: text for name, text in os.environ.items() if not name.startswith(NOT_OURS)}
        pipe, no_window = subprocess.PIPE, getattr(subprocess, "CREATE_NO_WINDOW", 0)
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, env=ours, creationflags=no_window
        )
        self.heard = queue.Queue()
        self.complaints = collections.deque(maxlen=20)
        self.listeners = [self.started(self.read), self.started(self.listen)]

    def started(self, target):
        thread = threading.Thread(target=target)
        thread.daemon = True
        thread.start()
        return thread

    def read(self):
        for line in self.process.stdout:
            self.heard.put(json.loads(line.decode("utf-8")))
        self.heard.put(None)

    def listen(self):
        for line in self.process.stderr:
            self.complaints.append(line.decode("utf-8", "replace").strip())

    def say(self, said):
        try:
            self.process.stdin.write(json.dumps(said).encode("utf-8") + b"\n")
            self.process.stdin.flush()
        except OSError:  # it has ended; the reader tells
            pass

    def last_words(self):
        self.listeners[1].join(1)
        return next((line for line in reversed(self.complaints) if line), "")

    def close(self):
        """It ends when nothing more can come."""
        try:
            self.process.stdin.close()
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for thread in self.listeners:
            thread.join(1)
        self.process.stdout.close()
        self.process.stderr.close()


def say(text):
    sys.stdout.write(f"Light-A-Video: {text}\n")
    sys.stdout.flush()


def serve(executor, bridge):
    """What to say at the end."""
    runtime = platform.python_version()
    hello = {"contract": CONTRACT, "language": "python", "runtime": runtime, "script": VERSION}
    bridge.say({"hello": hello})
    while True:
        try:
            request = bridge.heard.get(timeout=SILENCE)
        except queue.Empty:
            request = None
        if request is None:
            return (
                "LAV Bridge's process ended. Renders go on; start this again. "
                + bridge.last_words()
            )
        bridge.say(executor.answer(request))
        if "end" in request:
            return request["end"]


def resolve_here():
    """A script of the menu is given it; one that is run from outside finds it."""
    if globals().get("resolve") is not None:
        return globals()["resolve"]
    try:
        import DaVinciResolveScript
    except ImportError:
        return None
    return DaVinciResolveScript.scriptapp("Resolve")


def main():
    resolve = resolve_here()
    if resolve is None:
        return say("Start this from Workspace > Scripts in DaVinci Resolve.")
    if not BRIDGE:
        return say("Run `lav install resolve` first.")
    try:
        bridge = Bridge(BRIDGE)
    except OSError as error:
        why = f"{BRIDGE[0]} cannot be started ({error.strerror})."
        return say(why + " Run `lav install resolve` again.")
    try:
        said = serve(Executor(resolve), bridge)
    finally:
        bridge.close()
    if said:
        say(said)


if __name__ == "__main__":
    main()
