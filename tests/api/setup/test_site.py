"""The processes of a running site: the port, the children and their end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.setup import site
from geo.settings import ROOT


def gone(pid: int, patience: float = 10) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_a_port_in_use_is_one_sentence_that_names_it() -> None:
    with socket.socket() as other:
        other.bind((site.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(site.PortTaken) as caught:
            site.listen(port)
    assert str(port) in caught.value.text.zh
    assert "--port" in caught.value.text.en


def test_a_port_that_is_free_is_taken_on_this_machine_alone() -> None:
    with site.listen(0) as mine:
        assert mine.getsockname()[0] == "127.0.0.1"


def test_another_address_is_asked_for_by_name() -> None:
    with site.listen(0, "0.0.0.0") as mine:
        assert mine.getsockname()[0] == "0.0.0.0"
    with pytest.raises(site.HostNotHere) as caught:
        site.listen(0, "203.0.113.7")
    assert "203.0.113.7" in caught.value.text.zh and "--host" in caught.value.text.en
    assert site.web_address("0.0.0.0", 8000) == "http://127.0.0.1:8000"
    assert site.web_address("::", 8000) == "http://[::1]:8000"


def sleeper(tmp_path: Path, code: str) -> site.Part:
    module = tmp_path / "sleeper.py"
    module.write_text(code)
    return site.Part("sleeper", ["sleeper"], tmp_path / "log" / "sleeper.log")


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")


@pytest.mark.usefixtures("importable")
def test_nothing_of_a_child_is_left_not_even_what_it_started(tmp_path: Path) -> None:
    part = sleeper(
        tmp_path,
        "import pathlib, signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "below = subprocess.Popen(['sleep', '300'])\n"
        f"pathlib.Path({str(tmp_path / 'below')!r}).write_text(str(below.pid))\n"
        "time.sleep(300)\n",
    )
    before = signal.getsignal(signal.SIGINT)
    grace, site.GRACE_SECONDS = site.GRACE_SECONDS, 1
    try:
        with site.stopped_after([part]):
            part.start()
            while not (tmp_path / "below").exists() or not (tmp_path / "below").read_text():
                time.sleep(0.02)
    finally:
        site.GRACE_SECONDS = grace
    assert part.process is not None
    assert gone(part.process.pid)
    assert gone(int((tmp_path / "below").read_text()))
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("importable")
def test_a_child_is_started_again_but_not_for_ever(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = sleeper(tmp_path, "print('words', flush=True)\nraise SystemExit(1)\n")
    part.start()
    with pytest.raises(site.SiteFails) as caught, site.stopped_after([part]):
        site.watch([part])
    assert "重新启动" in capsys.readouterr().err
    assert part.log.read_text().count("words") == site.TIMES
    assert str(part.log) in caught.value.text.zh


@pytest.mark.usefixtures("importable")
def test_a_child_waits_until_it_is_let_go_and_gets_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = sleeper(tmp_path, "import sys\nprint(sys.stdin.readline())\n")
    part.waits = True
    part.start()
    assert not part.ended()
    monkeypatch.setenv("YUDI_AS_OF", "2024-12-31")
    part.let_go()
    assert part.process is not None
    assert part.process.wait(20) == 0
    assert '"YUDI_AS_OF": "2024-12-31"' in part.log.read_text()


def test_children_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text(
        f"import os, pathlib, time\npathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\ntime.sleep(300)\n"
    )
    code = (
        "import time; from pathlib import Path; from api.setup import site;"
        f"site.Part('s', ['sleeper'], Path({str(tmp_path / 's.log')!r})).start(); time.sleep(300)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    )
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.02)
    child = int((tmp_path / "pid").read_text())
    parent.kill()
    parent.wait()
    assert gone(child)


def test_readiness_is_asked_directly_whatever_proxy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with site.listen(0) as silent:
        port = silent.getsockname()[1]
    assert site.answers(port) is False
