"""The suite in several processes (`--processes 3`, which `./yudi test` gives): tests are collected once, then the process forks.
What is imported and collected is there in each; a process that is done with a module takes the next one. While the tests are
collected, another one makes the databases that they copy.

The parent runs no test: it hears every report, so what pytest prints, counts and stops at is what it is with one process.
A process that dies has failed the test that it was running; the others go on."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

FORK = get_context("fork")
#: The bytes of a module's number in the pipe from which the processes take the next: all numbers fit into the pipe at once.
NUMBER = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--processes", type=int, default=1, help="in how many processes the tests run")


def wanted(config: pytest.Config) -> int:
    """How many processes run the tests; one where none is run, or where one stops to be looked at."""
    apart = any(config.getoption(name) for name in ("collectonly", "usepdb", "setupplan", "setuponly"))
    return 1 if apart else int(config.getoption("--processes"))


def fork(life: Any, *arguments: Any) -> BaseProcess:
    process = FORK.Process(target=life, args=arguments)
    with warnings.catch_warnings():
        # Of the threads of numerical libraries, which see to a fork themselves. There are no others yet.
        warnings.simplefilter("ignore")
        process.start()
    return process


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Make the databases that the tests copy meanwhile. Who needs one waits for it."""
    if wanted(session.config) > 1 and os.environ.get("YUDI_DATABASE_URL"):
        from tests import demonstration

        preparing = fork(demonstration.prepare)
        session.config.add_cleanup(lambda: end([preparing]))
    gc.disable()  # nothing of what is collected is garbage
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """All tests, in processes of their own."""
    number = wanted(session.config)
    if number < 2 or session.testsfailed:
        return None
    modules = [list(items) for _, items in groupby(session.items, key=lambda item: item.path)]
    take, give = os.pipe()
    os.write(give, b"".join(i.to_bytes(NUMBER, "big") for i in range(len(modules))))
    session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # one for all
    session.config.pluginmanager.getplugin("terminalreporter").showfspath = False
    heard: dict[Connection, BaseProcess] = {}
    for _ in range(number):
        hearing, telling = FORK.Pipe(duplex=False)
        heard[hearing] = fork(work, session, modules, take, give, telling, [*heard, hearing])
        telling.close()
    os.close(take)
    os.close(give)
    try:
        listen(session, heard)
    finally:
        end(list(heard.values()))
    return True


def end(processes: Sequence[BaseProcess]) -> None:
    """What still runs clears up and ends."""
    for process in processes:
        if process.is_alive():
            process.terminate()
    for process in processes:
        process.join()


def listen(session: pytest.Session, heard: dict[Connection, BaseProcess]) -> None:
    """Until every process has ended, or there is a reason to stop."""
    hook, running = session.config.hook, dict.fromkeys(heard, ("", ("", None, "")))
    open_ones = set(heard)
    while open_ones:
        for channel in connection.wait(list(open_ones)):
            assert isinstance(channel, Connection)
            try:
                what, said = channel.recv()
            except EOFError:
                open_ones.remove(channel)
                heard[channel].join()
                if running[channel][0]:
                    hook.pytest_runtest_logreport(report=death(*running[channel], heard[channel].exitcode))
                continue
            if what == "begins":
                running[channel] = said
                hook.pytest_runtest_logstart(nodeid=said[0], location=said[1])
            elif what == "report":
                report = hook.pytest_report_from_serializable(config=session.config, data=said)
                hook.pytest_runtest_logreport(report=report)
            elif what == "ends":
                hook.pytest_runtest_logfinish(nodeid=said[0], location=said[1])
            elif what == "warning":
                message, filename, line, when, nodeid, location = said
                hook.pytest_warning_recorded.call_historic(kwargs={
                    "warning_message": warnings.WarningMessage(message, UserWarning, filename, line),
                    "when": when, "nodeid": nodeid, "location": location,
                })  # fmt: skip
            else:
                running[channel] = ("", ("", None, ""))
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)


def death(nodeid: str, location: tuple[str, int | None, str], code: int | None) -> pytest.TestReport:
    """The report of a test whose process died."""
    said = f"the process that ran it ended with {code}; what else was in its module is not run"
    return pytest.TestReport(nodeid, location, {}, "failed", said, "call")


class Teller:
    """In a process that runs tests: what happens goes to the parent, which alone prints."""

    def __init__(self, config: pytest.Config, channel: Connection) -> None:
        self.config, self.channel = config, channel

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self.channel.send(("begins", (nodeid, location)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self.config.hook.pytest_report_to_serializable(config=self.config, report=report)
        self.channel.send(("report", data))

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        self.channel.send(("ends", (nodeid, location)))

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        said = f"{warning_message.category.__name__}: {warning_message.message}"
        self.channel.send(
            ("warning", (said, warning_message.filename, warning_message.lineno, when, nodeid, location))
        )


def work(
    session: pytest.Session,
    modules: list[list[pytest.Item]],
    take: int,
    give: int,
    channel: Connection,
    others: list[Connection],
) -> None:
    """Run modules as long as there are any."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as a Ctrl-C, so that fixtures clear up
    os.close(give)
    for other in others:
        other.close()
    manager = session.config.pluginmanager
    for name in ("terminalreporter", "lfplugin", "nfplugin", "stepwiseplugin"):
        if manager.has_plugin(name):
            manager.unregister(name=name)
    manager.register(Teller(session.config, channel))
    capture = manager.getplugin("capturemanager")
    capture.stop_global_capturing()  # what is captured goes to a file: not to the one of the other process
    capture.start_global_capturing()
    capture.suspend_global_capture()
    with contextlib.suppress(KeyboardInterrupt):
        try:
            while (number := os.read(take, NUMBER)) and not (session.shouldfail or session.shouldstop):
                run(session, modules[int.from_bytes(number, "big")])
        finally:
            session._setupstate.teardown_exact(None)
        channel.send(("done", None))


def run(session: pytest.Session, module: list[pytest.Item]) -> None:
    """The tests of a module; what belongs to the session stays for the next one."""
    for item, following in zip(module, [*module[1:], Between(session)], strict=True):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail or session.shouldstop:
            break


class Between:
    """Stands for the next test while it is not known: it shares the session with the last one and nothing else."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def listchain(self) -> list[pytest.Session]:
        return [self.session]
