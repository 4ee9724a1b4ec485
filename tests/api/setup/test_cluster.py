"""The private cluster: made, shared, recovered, stopped."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from api.setup import cluster, database, owner, postmaster
from api.setup.owner import NotYours
from api.setup.postmaster import Place
from api.setup.room import NoRoom
from geo.settings import ROOT


def libpq(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def ask(url: str, query: str) -> tuple[object, ...]:
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


def another(folder: Path, *lines: str) -> subprocess.Popen[str]:
    """Another process that uses the cluster, says so, and does as told."""
    code = [
        "from pathlib import Path",
        "from api.setup import cluster",
        f"cluster.ensure(Path({str(folder)!r}))",
    ]
    environment = {name: value for name, value in os.environ.items() if name != "YUDI_DATABASE_URL"}
    made = subprocess.Popen(
        [sys.executable, "-c", "\n".join([*code, "print('in', flush=True)", *lines])],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert made.stdout is not None
    assert made.stdout.readline() == "in\n"
    return made


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=30)


def test_a_cluster_has_postgis_and_finds_chinese(running: Place) -> None:
    url = cluster.ensure(running.folder)
    assert os.environ["YUDI_DATABASE_URL"] == url
    postgis, trigrams, encoding, ctype = ask(
        url,
        "select postgis_lib_version(), cardinality(show_trgm('渝北区')), current_setting('server_encoding'),"
        " (select datctype from pg_database where datname = current_database())",
    )
    assert str(postgis)[0] == "3"
    assert trigrams
    assert (encoding, ctype) == ("UTF8", "C.UTF-8")


def test_what_is_confirmed_is_on_disk_and_no_network_is_open(running: Place) -> None:
    url = cluster.ensure(running.folder)
    row = ask(
        url,
        "select current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'),"
        " current_setting('listen_addresses'), current_setting('data_checksums')",
    )
    assert row == ("on", "on", "on", "", "on")
    assert running.run.stat().st_mode & 0o077 == 0, "anybody could connect as superuser"


def test_root_lends_the_cluster_to_another_user_even_in_a_closed_folder(
    running: Place, as_root: None
) -> None:
    pid = postmaster.postmaster(running)
    assert pid is not None
    server = Path(f"/proc/{pid}").stat().st_uid
    assert server != 0
    assert running.data.stat().st_uid == server
    closed = [p for p in running.data.parents if not p.stat().st_mode & 0o001]
    assert closed, "the test wants a folder that the owner cannot enter by name"


def test_the_second_start_makes_nothing_anew(running: Place, capsys: pytest.CaptureFixture[str]) -> None:
    made = (running.data / "PG_VERSION").stat().st_mtime_ns
    cluster.stop(running.folder)
    capsys.readouterr()
    cluster.ensure(running.folder)
    assert (running.data / "PG_VERSION").stat().st_mtime_ns == made
    assert capsys.readouterr().err == ""


def test_the_last_one_to_leave_stops_the_server(running: Place) -> None:
    other = another(running.folder, "input()")
    cluster.stop(running.folder)
    assert postmaster.ready(running), "the other one still uses it"
    finish(other)
    assert postmaster.postmaster(running) is None
    assert postmaster.processes_in(running.data) == []
    assert "YUDI_DATABASE_URL" not in os.environ


def test_a_server_whose_users_were_all_killed_is_taken_over(running: Place) -> None:
    other = another(running.folder, "input()")
    cluster.stop(running.folder)
    before = postmaster.postmaster(running)
    other.kill()
    other.communicate()
    assert postmaster.postmaster(running) == before
    cluster.ensure(running.folder)
    assert postmaster.postmaster(running) == before
    cluster.stop(running.folder)
    assert postmaster.postmaster(running) is None


def test_kill_9_loses_nothing_that_was_confirmed(running: Place) -> None:
    url = cluster.ensure(running.folder)
    connection = psycopg.connect(libpq(url), autocommit=True)
    connection.execute("create table if not exists kept (n int)")
    connection.execute("insert into kept values (1)")
    connection.execute("begin")
    connection.execute("insert into kept values (2)")
    for pid in postmaster.processes_in(running.data):
        os.kill(pid, signal.SIGKILL)
    connection.close()
    cluster.stop(running.folder)
    assert (running.data / "postmaster.pid").exists(), "killed, it could not clear up"
    url = cluster.ensure(running.folder)
    assert ask(url, "select array_agg(n) from kept") == ([1],)


@pytest.mark.parametrize(
    "mark", ["", "garbage\n", "1\n{data}\n", "{stranger}\n{data}\n", "4194304\n{data}\n"]
)
def test_a_stale_mark_is_cleared(running: Place, mark: str) -> None:
    """Empty after a power cut; a number that is free, is init's, or belongs to a stranger of the same user."""
    cluster.stop(running.folder)
    who = owner.owner_of(running.data)
    stranger = subprocess.Popen(["sleep", "60"], cwd="/", **who.dropped())
    try:
        pid_file = running.data / "postmaster.pid"
        pid_file.write_text(mark.format(data=running.data, stranger=stranger.pid))
        os.chown(pid_file, who.uid, who.gid)
        (running.run / f".s.PGSQL.{running.port()}.lock").write_text(f"{stranger.pid}\n")
        cluster.ensure(running.folder)
        assert postmaster.ready(running)
        assert stranger.poll() is None, "a stranger is left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_cluster_under_a_long_path_with_a_comma(
    tmp_path: Path, no_outside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a first start left that was killed is made again; the path is no hindrance to a socket."""
    place = Place(tmp_path / ("很长的文件夹, " * 6) / "pg")
    (place.folder / "data.new" / "base").mkdir(parents=True)
    (place.data / "base").mkdir(parents=True)
    with cluster.running(place.folder, durable=False) as url:
        assert ask(url, "select 1") == (1,)
        # The same as an outside database, in SQLAlchemy's spelling of the blank.
        monkeypatch.setenv("YUDI_DATABASE_URL", url.replace("%20", "+") + "&application_name=a+b")
        assert ask(cluster.ensure(), "select current_setting('application_name')") == ("a b",)
        monkeypatch.setenv("YUDI_DATABASE_URL", url)
        link = Path(place.link_file.read_text())
        assert link.parent.stat().st_mode & 0o077 == 0
    assert not link.parent.exists(), "what lies outside the checkout is gone with the server"
    assert not (place.folder / "data.new").exists()


def test_no_room_is_one_sentence(tmp_path: Path, no_outside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "NEEDED_MB", 10**9)
    with pytest.raises(NoRoom) as caught:
        cluster.ensure(tmp_path / "pg")
    assert "磁盘空间不足" in caught.value.text.zh
    assert "Not enough disk space" in caught.value.text.en
    assert not (tmp_path / "pg" / "data").exists()


def test_a_full_disk_in_the_servers_words_is_the_same_sentence(place: Place) -> None:
    said = postmaster.failed(place, "FATAL:  could not write lock file: No space left on device\n")
    assert isinstance(said, NoRoom)


def test_why_a_server_does_not_start_is_said(running: Place) -> None:
    said = postmaster.failed(running, "LOG:  starting\nFATAL:  could not load library\nLOG:  down\n")
    assert "could not load library" in said.text.zh
    assert str(running.log) in said.text.en


def test_a_cluster_of_another_version_is_not_touched(running: Place) -> None:
    cluster.stop(running.folder)
    version = running.data / "PG_VERSION"
    kept = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(postmaster.OtherVersion) as caught:
            cluster.ensure(running.folder)
        assert "postgresql-14-postgis-3" in caught.value.text.zh
    finally:
        version.write_text(kept)


def test_somebody_elses_cluster_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(NotYours) as caught:
        owner.owner_of(tmp_path)
    assert pwd.getpwuid(tmp_path.stat().st_uid).pw_name in caught.value.text.zh


def test_an_outside_database_is_used_instead(
    running: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = libpq(cluster.ensure(running.folder)).replace("/yudi?", "/postgres?")
    monkeypatch.setenv("YUDI_DATABASE_URL", given)
    url = cluster.ensure(tmp_path / "never")
    assert url == given.replace("postgresql://", "postgresql+psycopg://")
    assert not (tmp_path / "never").exists()


def test_an_outside_database_that_is_away_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YUDI_DATABASE_URL", f"postgresql://x@/y?host={tmp_path}")
    with pytest.raises(database.OutsideAway) as caught:
        cluster.ensure()
    assert "\n" not in caught.value.text.zh


def test_a_database_that_cannot_search_chinese_is_refused(running: Place) -> None:
    url = cluster.ensure(running.folder)
    with psycopg.connect(libpq(url), autocommit=True) as admin:
        admin.execute("drop database if exists plain")
        admin.execute("create database plain template template0 encoding 'UTF8' locale 'C'")
    with pytest.raises(database.WrongLocale) as caught:
        database.prepare(libpq(url).replace("/yudi?", "/plain?"), may_create=False)
    assert "C.UTF-8" in caught.value.text.zh


def test_a_shell_that_stands_in_the_data_folder_is_left_alone(running: Place) -> None:
    cluster.stop(running.folder)
    standing = subprocess.Popen(["sleep", "60"], cwd=running.data)
    try:
        begun = time.monotonic()
        postmaster.end_processes_in(running.data, patience=5)
        assert standing.poll() is None
        assert time.monotonic() - begun < 5, "it was not waited for"
    finally:
        standing.kill()
        standing.wait()
