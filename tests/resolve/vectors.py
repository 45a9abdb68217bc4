"""What both executors must answer, as one table, and the small world they answer from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ODD = 'Zoë\'s "cut" \\ #1\t\n[[x]] 日本 €.mov'
EMPTY: dict[str, Any] = {}  # Lua cannot say of what


class Item:
    def __init__(self, name: str) -> None:
        self._name = name

    def GetName(self) -> str:
        return self._name


class World:
    """A `resolve` of few methods, each of which shows one thing that has to travel."""

    EXPORT_OTIO = 7.0

    def GetVersion(self) -> list[Any]:
        return [21, 1, 0, 14, ""]

    def Given(self, *arguments: Any) -> str:
        return f"{len(arguments)} " + " ".join(map(_shown, arguments))

    def Echo(self, value: Any) -> Any:
        return value

    def Number(self, name: str) -> float:
        return float(name)

    def Nothing(self) -> None:
        return None

    def GetItem(self, name: str) -> Item:
        return Item(name)

    def GetItemListInTrack(self, kind: str, track: int) -> list[Item]:
        return [Item(f"{kind} {track}.{number}") for number in range(2)]

    def GetMarkers(self, first: int) -> dict[Any, Any]:
        return {float(first): {"color": "Blue", "duration": 1.0}} if first else {}

    def GetMarkInOut(self) -> dict[str, Any]:
        return {"audio": {}}

    def GetTree(self) -> list[Any]:
        return [[Item("a")], [{"item": Item("b")}], []]

    def Fails(self) -> None:
        raise RuntimeError(f"cannot: {ODD}")


@dataclass(frozen=True)
class Vector:
    name: str
    request: dict[str, Any]
    answer: dict[str, Any]


def one(name: str, call: list[Any], value: Any) -> Vector:
    return Vector(name, {"calls": [call]}, {"values": [value]})


VECTORS = (
    Vector("a sign of life", {}, {"values": []}),
    one("whole numbers in a list", [0, "GetVersion"], [21, 1, 0, 14, ""]),
    one("no arguments", [0, "Given"], "0 "),
    one("nothing among arguments", [0, "Given", None, 5, None], "3 None 5 None"),
    one("booleans are no numbers", [0, "Given", True, False, 1, 0], "4 True False 1 0"),
    one("numbers", [0, "Given", -3, 86400, 2**53, 0.1, -1e-9], f"5 -3 86400 {2**53} 0.1 -1e-09"),
    one("text comes as it went", [0, "Echo", ODD], ODD),
    one("every control character", [0, "Echo", "".join(map(chr, range(32)))], bytes(range(32))),
    one("spaces and quotes in paths", [0, "Echo", "C:\\a b\\c'd\".mov"], "C:\\a b\\c'd\".mov"),
    one("empty text", [0, "Echo", ""], ""),
    one("a list of lists", [0, "Given", [[1, "a"], [2, "b"]]], "1 [[1,a],[2,b]]"),
    one(
        "a list of dicts",
        [0, "Given", [{"startFrame": 0, "trackIndex": 2}]],
        "1 [{startFrame=0,trackIndex=2}]",
    ),
    one("a constant", [0, "Given", "x.otio", {"$": "EXPORT_OTIO"}], "2 x.otio 7"),
    one("nothing", [0, "Nothing"], None),
    one("a whole float", [0, "Number", "25"], 25),
    one("a fraction", [0, "Number", "23.976023976023978"], 23.976023976023978),
    one("no number", [0, "Number", "nan"], None),
    one("no end", [0, "Number", "-inf"], None),
    one("truth", [0, "Echo", True], True),
    one("an object", [0, "GetItem", "first"], {"@": 1}),
    one("its method", [1, "GetName"], "first"),
    one("an object as an argument", [0, "Given", {"@": 1}], "1 <first>"),
    one(
        "objects inside", [0, "Given", [{"mediaPoolItem": {"@": 1}}]], "1 [{mediaPoolItem=<first>}]"
    ),
    one("a list of objects", [0, "GetItemListInTrack", "video", 2], [{"@": 2}, {"@": 3}]),
    Vector(
        "many at once",
        {"calls": [[2, "GetName"], [3, "GetName"], [0, "Nothing"]]},
        {"values": ["video 2.0", "video 2.1", None]},
    ),
    one(
        "a dict keyed by numbers",
        [0, "GetMarkers", 96],
        {"=": [[96, {"=": [["color", "Blue"], ["duration", 1]]}]]},
    ),
    one("an empty one", [0, "GetMarkers", 0], EMPTY),
    one("an empty one inside", [0, "GetMarkInOut"], {"=": [["audio", EMPTY]]}),
    one("objects deep inside", [0, "GetTree"], [[{"@": 4}], [{"=": [["item", {"@": 5}]]}], EMPTY]),
    Vector(
        "it stops at the first that fails",
        {"calls": [[0, "GetItem", "lost"], [0, "Fails"], [0, "GetItem", "never"]]},
        {"values": [{"@": 6}], "error": f"cannot: {ODD}"},
    ),
    Vector(
        "what the API lacks",
        {"calls": [[0, "GetSelectedClips"]]},
        {"values": [], "error": "there is no GetSelectedClips", "absent": True},
    ),
    Vector(
        "a constant it lacks",
        {"calls": [[0, "GetVersion"], [0, "Given", {"$": "EXPORT_X"}]]},
        {
            "values": [[21, 1, 0, 14, ""]],
            "error": "there is no EXPORT_X",
            "absent": True,
        },
    ),
    Vector("an object let go", {"release": [1, 99]}, {"values": []}),
    Vector(
        "is gone",
        {"calls": [[1, "GetName"]]},
        {"values": [], "error": "an object that was let go"},
    ),
    Vector("while others stay", {"calls": [[2, "GetName"]]}, {"values": ["video 2.0"]}),
)


def plain(said: Any) -> Any:
    """An answer in which what is empty is EMPTY, and pairs are in order."""
    if isinstance(said, list):
        return [plain(item) for item in said] if said else EMPTY
    if isinstance(said, bytes):
        return said.decode()
    if not isinstance(said, dict):
        return said
    if "=" in said:
        pairs = sorted((key, plain(value)) for key, value in said["="])
        return {"=": pairs} if pairs else EMPTY
    return {key: plain(value) for key, value in said.items()}


def _shown(value: Any) -> str:
    if isinstance(value, Item):
        return f"<{value.GetName()}>"
    if isinstance(value, list):
        return "[" + ",".join(map(_shown, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}={_shown(value[key])}" for key in sorted(value)) + "}"
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if is_whole else value)
