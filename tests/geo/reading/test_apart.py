"""The limited process: what it may, what becomes of one that dies, and that nothing of it stays behind."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.inspection import Surroundings, _answer, feature_schema, inspect, inspect_apart, report_of
from geo.reading import apart, cage
from geo.reading.layers import ReadOptions
from geo.reading.spare import kill
from geo.settings import Limits, district
from tests.geo.reading.made import named, put, shapefile, zipped


class Meddling:
    """Surroundings that do something inside the child, where its limits hold: `district` is asked for first."""

    def __init__(self, deed: str) -> None:
        self.deed = deed

    @property
    def district(self) -> None:
        if self.deed == "abort":
            os.abort()
        elif self.deed == "sleep":
            time.sleep(60)
        elif self.deed == "spin":
            while True:
                pass
        elif self.deed == "memory":
            bytearray(8 * 1024**3)
        elif self.deed == "file":
            with open("big", "wb") as file:
                while True:
                    file.write(bytes(1 << 20))
        elif self.deed == "environment":
            raise RuntimeError(f"names: {sorted(n for n in os.environ if 'YUDI' in n)}")
        elif self.deed == "secret":
            words = Path("/proc/self/environ").read_bytes()
            raise RuntimeError(f"held: {b'hidden-password' in words}")
        elif self.deed == "network":
            try:
                socket.create_connection(("127.0.0.1", 9))
            except PermissionError:
                raise RuntimeError("network: refused") from None
            except OSError as error:
                raise RuntimeError(f"network: {error}") from None
        elif self.deed.startswith("tell "):
            Path(self.deed[5:]).write_text(json.dumps(facts()))
        elif self.deed == "bytecode":
            raise RuntimeError(f"writes bytecode: {not sys.dont_write_bytecode}")
        elif self.deed == "program":
            try:
                os.execv("/bin/true", ["true"])
            except PermissionError:
                raise RuntimeError("program: refused") from None
        return None


def facts() -> dict[str, Any]:
    """What a process may and holds."""
    names = ("AS", "CPU", "FSIZE", "NOFILE", "CORE")
    signal_of_parent = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(signal_of_parent))
    held = Path("/proc/self/fd")
    return {
        "pid": os.getpid(),
        "limits": {n: resource.getrlimit(getattr(resource, f"RLIMIT_{n}"))[0] for n in names},
        "spent": time.process_time(),
        "held": [os.readlink(n) for n in held.iterdir() if n.is_symlink()]
        if os.access(held, os.R_OK)
        else [],
        "folder": os.getcwd(),
        "names": dict(os.environ),
        "ends with its parent": signal_of_parent.value == 9,
    }


class Telling:
    """Surroundings of a district with a published state, that say which they are."""

    published = ("lines of a district",)

    def __init__(self, word: str) -> None:
        self.word = word

    @property
    def district(self) -> None:
        raise RuntimeError(f"told: {self.word}")


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    return put(tmp_path, "成果.zip", zipped(named(shapefile(ldid=0x4D))))


def meddle(upload: Path, deed: str, limits: Limits | None = None) -> dict[str, Any]:
    around: Any = Meddling(deed)
    answer = inspect_apart(upload, ReadOptions(), limits or Limits(), around)
    assert answer.features is None and answer.report["verdict"] == "reject"
    (finding,) = answer.report["findings"]
    assert finding["key"] and finding["remedy"] and finding["remedy_en"]
    return finding


def left_behind() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob(f"{apart.PREFIX}{os.getpid()}-*"))


def test_the_answer_is_the_same_as_in_this_process(upload):
    around = Surroundings(district("500112"))
    steps: list[tuple[str, float]] = []
    answer = inspect_apart(
        upload, ReadOptions(), Limits(), around, file="成果.zip", progress=lambda *a: steps.append(a)
    )
    here = json.loads(
        json.dumps(report_of(inspect(upload, ReadOptions(), Limits(), around, file="成果.zip")))
    )
    details = here.pop("details")
    assert answer.report == here and list(answer.details) == details
    assert steps[0] == ("reading", 0.0) and steps[-1][1] == 1.0
    assert set(answer.report) == {"file", "sha256", "profile", "verdict", "layers", "findings"}
    assert details[0]["crs"]["zh"] and details[0]["columns"] == ["名称"]
    assert left_behind() == []


def test_what_is_published_around_is_told_once(upload):
    """It is a megabyte: the server has it for its forks, and gets it anew when it changed or began anew."""
    apart.stop()

    def told(around: Any) -> str:
        answer = inspect_apart(upload, ReadOptions(), Limits(), around)
        return answer.report["findings"][0]["message"]

    one, two = Telling("one"), Telling("two")
    for around, number in ((one, 1), (one, 1), (two, 2), (two, 2), (one, 3)):
        assert f"told: {around.word}" in told(around)
        assert apart._SERVER is not None and apart._SERVER.number == number
    apart.stop()
    assert "told: two" in told(two)
    assert apart._SERVER is not None and apart._SERVER.number == 1
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(told, [one, two] * 4))
    assert ["told: one" in words for words in said] == [True, False] * 4


def test_features_come_in_the_stored_system(upload):
    table = inspect_apart(upload, ReadOptions(), Limits(), Surroundings(district("500112"))).features
    assert table is not None and table.schema == feature_schema()
    (row,) = table.to_pylist()
    assert (row["role"], row["layer"], row["record"], row["ident"]) == ("polygons", "面", 0, "兴隆镇")
    assert row["fields"] == '{"name": "兴隆镇"}' and row["z"] is None
    where = shapely.from_wkb(row["geometry"])
    assert where.exterior.is_ccw and 106.6 < where.centroid.x < 106.7 and 29.7 < where.centroid.y < 29.9


def test_features_are_left_out_when_nobody_wants_them(upload):
    assert inspect_apart(upload, ReadOptions(), Limits(), None, features=False).features is None


def waiting(*others: int, at_least: int = 1) -> int:
    """The process that has waited longest for the next job, of a server that keeps some. others: that may still be
    ending."""
    if apart._SERVER is None or not apart._SERVER.ahead:
        apart.stop()
        apart.start()
    assert apart._SERVER is not None
    until = time.monotonic() + 60
    while time.monotonic() < until:
        there = forks() - {*others}
        if len(there) >= at_least:
            return min(there)
        time.sleep(0.02)
    raise AssertionError("no process waits")


def forks() -> set[int]:
    """The processes that the server has."""
    assert apart._SERVER is not None
    server = apart._SERVER.process.pid
    return {int(n) for n in Path(f"/proc/{server}/task/{server}/children").read_text().split()}


def tell(upload: Path, limits: Limits) -> dict[str, Any]:
    """What the process of one upload may and holds."""
    room = Path(tempfile.mkdtemp())
    room.chmod(0o777)
    try:
        around: Any = Meddling(f"tell {room / 'facts'}")
        inspect_apart(upload, ReadOptions(), limits, around)
        told: dict[str, Any] = json.loads((room / "facts").read_text())
    finally:
        shutil.rmtree(room)
    return told


def test_the_next_process_is_there_before_its_job_and_does_only_one(upload):
    ahead = waiting()
    limits = Limits(memory_bytes=1_500_000_000, cpu_seconds=7, unpacked_bytes=50_000_000)
    told = tell(upload, limits)
    assert told["pid"] == ahead
    own = told["limits"]
    assert (own["AS"], own["FSIZE"], own["CORE"], own["NOFILE"]) == (1_500_000_000, 50_000_000, 0, 256)
    # The time that it took to be ready is its own, not the file's.
    assert 7 <= own["CPU"] <= 7 + told["spent"]
    assert told["ends with its parent"]
    names = told["names"]
    assert not [name for name in names if "YUDI" in name or "PASS" in name]
    assert (
        names["HOME"] == names["TMPDIR"] == told["folder"]
        and f"{apart.PREFIX}{os.getpid()}-" in told["folder"]
    )
    # Its link, where it prints, what every fork has open for reading: no socket to anybody else.
    assert len([h for h in told["held"] if h.startswith(("socket:", "pipe:"))]) <= 1
    after = waiting(ahead)
    assert tell(upload, limits)["pid"] == after
    assert left_behind() == []


def test_one_that_was_killed_while_it_waited_is_replaced(upload):
    ahead = waiting()
    os.kill(ahead, signal.SIGKILL)
    after = waiting(ahead, at_least=2)
    assert tell(upload, Limits())["pid"] == after


def test_one_that_was_killed_when_it_was_given_its_job_is_not_the_files_fault(upload, monkeypatch):
    """Before it had the job: another does it, once. Stopped, none can take the job before it is killed."""
    listen, ask = apart._listen, apart._ask
    asked: list[bytes] = []
    gone: set[int] = set()
    lost: bytes | None = None

    def hear(*given: Any) -> apart.Outcome:
        if asked[-1] == apart.JOB:
            for pid in gone:
                kill(pid)
        return apart.Outcome(failure="crash") if asked[-1] == lost else listen(*given)

    monkeypatch.setattr(apart, "_listen", hear)
    monkeypatch.setattr(apart, "_ask", lambda kind, *more: asked.append(kind) or ask(kind, *more))
    for last, layers in ((None, ["面"]), (apart.FRESH, [])):
        lost = last
        asked.clear()
        waiting(*gone)
        for pid in forks() - gone:
            os.kill(pid, signal.SIGSTOP)
            gone.add(pid)
        report = inspect_apart(upload, ReadOptions(), Limits(), None, features=False).report
        assert asked == [apart.JOB, apart.FRESH], "once more, and not a third time"
        assert [layer["name"] for layer in report["layers"]] == layers
        assert ("UP13" in {f["code"] for f in report["findings"]}) is (not layers)
    assert left_behind() == []


def test_three_at_once_have_a_process_each(upload):
    """Two wait; another is made for its job, with the same limits."""
    ahead = waiting(at_least=2)
    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(lambda _: tell(upload, Limits(cpu_seconds=9)), range(3)))
    assert len({t["pid"] for t in told}) == 3 and ahead in {t["pid"] for t in told}
    waiting(*(t["pid"] for t in told))
    assert apart._SERVER is not None
    server = apart._SERVER.process.pid
    assert list(Path(tempfile.gettempdir()).glob(f"{apart.PREFIX}{server}-*"))
    apart.stop()
    assert not list(Path(tempfile.gettempdir()).glob(f"{apart.PREFIX}{server}-*"))
    for one in told:
        assert one["ends with its parent"] and one["limits"]["CORE"] == 0
        assert 9 <= one["limits"]["CPU"] <= 9 + one["spent"]
        assert len([h for h in one["held"] if h.startswith(("socket:", "pipe:"))]) <= 1


def test_a_parser_that_dies_is_an_answer(upload, monkeypatch):
    ask, asked = apart._ask, []
    monkeypatch.setattr(apart, "_ask", lambda kind, *more: asked.append(kind) or ask(kind, *more))
    finding = meddle(upload, "abort")
    assert asked == [apart.JOB], "it had the job"
    assert finding["code"] == "UP13" and "SIGABRT" in finding["message"]
    assert left_behind() == []


@pytest.mark.parametrize(
    ("deed", "limits", "words"),
    [
        ("sleep", Limits(wall_seconds=1), "1 秒"),
        ("spin", Limits(cpu_seconds=1), "处理器"),
        ("memory", Limits(), "内存"),
        ("file", Limits(unpacked_bytes=4 * 1024**2), "4 MB"),
    ],
)
def test_a_parser_that_goes_over_its_limits_is_one_too(upload, deed, limits, words):
    finding = meddle(upload, deed, limits)
    assert finding["code"] == "UP08" and words in finding["message"]
    assert left_behind() == []


def test_no_setting_and_no_password_is_in_its_environment(upload, monkeypatch):
    apart.stop()
    monkeypatch.setenv("YUDI_DATABASE_URL", "postgresql://u:hidden-password@localhost/x")
    assert "names: []" in meddle(upload, "environment")["message"]
    message = meddle(upload, "secret")["message"]
    assert "held: False" in message or "PermissionError" in message


def test_it_has_no_network_and_starts_no_program(upload):
    apart.start()
    assert apart._SERVER is not None
    if not apart._SERVER.facts["seccomp"]:
        pytest.skip("this kernel loads no seccomp filter: " + str(apart._SERVER.facts["missing"]))
    assert "network: refused" in meddle(upload, "network")["message"]
    assert "program: refused" in meddle(upload, "program")["message"]
    assert "writes bytecode: False" in meddle(upload, "bytecode")["message"]


def test_what_the_server_imports_is_compiled_once():
    """A start that compiles all checks anew takes twice as long."""
    apart.start()
    assert apart._SERVER is not None
    environment = Path(f"/proc/{apart._SERVER.process.pid}/environ").read_bytes()
    assert b"PYTHONPATH=" in environment and b"PYTHONDONTWRITEBYTECODE" not in environment


def test_a_server_that_was_killed_is_started_again(upload):
    apart.start()
    assert apart._SERVER is not None
    apart._SERVER.process.kill()
    apart._SERVER.process.wait()
    assert inspect_apart(upload, ReadOptions(), Limits(), None, features=False).report["layers"]


def test_several_at_once_do_not_mix(upload, tmp_path):
    other = put(tmp_path, "b.zip", zipped(named(shapefile(values=[["茨竹镇"]], ldid=0x4D), "乙")))

    def name(path: Path) -> str:
        return str(
            inspect_apart(path, ReadOptions(), Limits(), None, features=False).report["layers"][0]["name"]
        )

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(name, [upload, other] * 4)) == ["面", "乙"] * 4


def test_a_bare_shp_and_a_file_that_is_not_there(tmp_path):
    for ending, data in named(shapefile(ldid=0x4D), "界").items():
        put(tmp_path, ending, data)
    report = inspect_apart(tmp_path / "界.shp", ReadOptions(), Limits(), None, features=False).report
    assert report["file"] == "界.shp" and not any(f["code"] == "UP03" for f in report["findings"])
    with pytest.raises(FileNotFoundError):
        inspect_apart(tmp_path / "none.zip", ReadOptions(), Limits(), None)


def test_a_full_disk_is_the_machines_fault(upload, monkeypatch):
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(apart.DiskFull) as caught:
        inspect_apart(upload, ReadOptions(), Limits(), None)
    assert "磁盘" in caught.value.text.zh


@pytest.mark.parametrize(
    "report",
    [
        {},
        {"details": [], "verdict": "fine", "findings": []},
        {"details": [], "verdict": "reject", "findings": [{"code": 1}]},
    ],
)
def test_an_answer_without_shape_is_not_believed(report):
    with pytest.raises((KeyError, ValueError, TypeError)):
        _answer(report, None)


@pytest.mark.parametrize("data", [b"", b"garbage", b"\xff\xff\xff\xff\x10\x00\x00\x00"])
def test_features_that_are_no_arrow_are_not_believed(data):
    with pytest.raises(ValueError):
        _answer({"details": [], "verdict": "accept", "findings": []}, data)


def test_folders_of_a_killed_service_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, alive = tmp_path / f"{apart.PREFIX}999999999-x", tmp_path / f"{apart.PREFIX}{os.getpid()}-y"
    dead.mkdir()
    alive.mkdir()
    apart._sweep()
    assert not dead.exists() and alive.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to become")
def test_a_room_that_the_unprivileged_user_cannot_reach_is_told(upload, tmp_path, monkeypatch):
    """With a var/ closed to others every upload was blamed for what its reader could not open."""
    user = cage.unprivileged()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    room = closed / "room"
    room.mkdir(mode=0o755)
    assert user is not None and cage.what_hinders(user, room) == f"cannot reach {room}"
    assert cage.what_hinders(user, Path("/tmp")) in (None, "cannot read the installation")
    apart.stop()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    answer = inspect_apart(upload, ReadOptions(), Limits(), Surroundings(district("500112")))
    assert not {f["code"] for f in answer.report["findings"]} & {"UP01", "UP13"} and answer.report["layers"]
    assert apart._SERVER is not None and apart._SERVER.facts["missing"][-1] == (
        f"unprivileged user: cannot reach {room}"
    )
    apart.stop()
