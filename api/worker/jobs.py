"""Jobs of the worker: inspections, and the upkeep that finds what a killed worker left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import psycopg
from procrastinate import App, JobContext, RetryStrategy
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import OperationalError

from api.acts import administer, import_names, inspect, lapse, notify, papers
from api.acts.submit import INSPECT
from api.security.settings import DoorSettings
from api.security.webhooks import targets
from api.worker import digest, documents, webhooks
from geo.approvals import holidays
from geo.problems import Problem
from geo.reading import apart
from geo.settings import ROOT, district
from geo.store import approvals, engine, exchange, files, queue

log = logging.getLogger("yudi.worker")

#: The database away for a while is waited out; what fails for another reason fails for good.
RETRY = RetryStrategy(
    max_attempts=8, exponential_wait=2, retry_exceptions={OperationalError, psycopg.OperationalError}
)


#: 16:20 UTC is twenty past midnight in China: a day for supplementing is over when its day is.
LAPSE_CRON = "20 16 * * *"


@dataclass(frozen=True, slots=True)
class Timing:
    """jobs: at once. heartbeat, stalled_after, grace: seconds between signs of life, until a worker
    without one counts as dead, and to finish jobs in when stopped."""

    jobs: int = 2
    heartbeat: float = 10.0
    stalled_after: float = 40.0
    grace: float = 10.0


def build(timing: Timing) -> App:
    """The app with its tasks."""
    app = queue.worker_app()

    @app.task(name=INSPECT, queue=queue.INSPECTIONS, retry=RETRY, pass_context=True)
    def inspect_submission(context: JobContext, submission: str, round: int) -> None:
        with at_hand(context.job.id):
            inspect.inspect(engine.sessions("app"), UUID(submission), round)

    @app.task(name=import_names.TASK, queue=queue.INSPECTIONS, retry=RETRY, pass_context=True)
    def import_of_names(context: JobContext, id: str) -> None:
        with at_hand(context.job.id):
            import_names.run(engine.sessions("app"), UUID(id))

    @app.task(name=papers.MAKE_DOCUMENT, queue=papers.DOCUMENTS, retry=RETRY, pass_context=True)
    def document_of_case(context: JobContext, document: int) -> None:
        with at_hand(context.job.id):
            documents.make_document(engine.sessions("app"), document)

    @app.task(name=notify.TASK, queue=queue.UPKEEP, retry=webhooks.RETRY, pass_context=True)
    def deliver_webhook(context: JobContext, delivery: str) -> None:
        with at_hand(context.job.id):
            webhooks.deliver(engine.sessions("app"), UUID(delivery))

    @app.periodic(cron="* * * * *")
    @app.task(name="sweep", queue=queue.UPKEEP, queueing_lock="sweep", pass_context=False)
    async def sweep(timestamp: int) -> None:
        await take_up(app, timing.stalled_after)

    @app.periodic(cron=digest.CRON)
    @app.task(name=digest.TASK, queue=queue.UPKEEP, queueing_lock=digest.TASK, pass_context=True)
    def daily_digest(context: JobContext, timestamp: int) -> None:
        with at_hand(context.job.id):
            digest.run(engine.sessions("app"))

    @app.periodic(cron=LAPSE_CRON)
    @app.task(name="lapse", queue=queue.UPKEEP, queueing_lock="lapse", pass_context=True)
    def lapse_of_cases(context: JobContext, timestamp: int) -> None:
        with at_hand(context.job.id):
            ended = lapse.lapse_due(engine.sessions("app"), district().code)
            if ended:
                log.info("lapsed, not supplemented in time: %s", " ".join(ended))

    @app.periodic(cron="17 3 * * *")
    @app.task(name="tidy", queue=queue.UPKEEP, queueing_lock="tidy")
    async def tidy(timestamp: int) -> None:
        await app.job_manager.delete_old_jobs(nb_hours=24 * 14, include_failed=True)
        await asyncio.to_thread(files.sweep, engine.engine("app"))
        await asyncio.to_thread(tidy_people)
        await asyncio.to_thread(ask_again)

    return app


async def take_up(app: App, stalled_after: float) -> None:
    """Put the jobs of dead workers back into the queue, and queue submissions that have no job."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_after):
        if job.id is None:
            continue
        log.warning("job %s of a worker that is gone: queued again", job.id)
        await app.job_manager.retry_job_by_id_async(job.id, retry_at=datetime.now(UTC))
    await app.job_manager.prune_stalled_workers(stalled_after)
    found = await asyncio.to_thread(orphans)
    if found:
        log.warning("%s submissions had no job: queued again or failed", found)
    lost = await asyncio.to_thread(lost_messages)
    if lost:
        log.warning("%s webhook messages had no job: queued again", lost)


def orphans() -> int:
    with engine.sessions("app").begin() as session:
        return inspect.sweep(session)


def lost_messages() -> int:
    with engine.sessions("app").begin() as session:
        return notify.sweep(session)


def tidy_people() -> None:
    """Login sessions that are over, idle token buckets, and old keys of messages go."""
    with engine.sessions("app").begin() as session:
        administer.tidy(session, DoorSettings.from_environment())
        exchange.tidy(session)


def ask_again() -> None:
    """Documents without files and without a job, as after one that failed for good, are asked for once more."""
    with engine.sessions("app").begin() as session:
        for document in approvals.documents_waiting(session):
            papers.ask(session, document)


def own_temporary_room() -> Path:
    """A folder of this process's own for everything temporary, and away with those of dead workers: what a
    killed one had unpacked must not stay on the disk."""
    room = Path(os.environ.get("YUDI_VAR", ROOT / "var")) / "tmp"
    room.mkdir(parents=True, exist_ok=True)
    for old in room.glob("worker-*"):
        with contextlib.suppress(ValueError):
            if not Path(f"/proc/{int(old.name.removeprefix('worker-'))}").exists():
                shutil.rmtree(old, ignore_errors=True)
    own = room / f"worker-{os.getpid()}"
    own.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = str(own)
    tempfile.tempdir = str(own)
    return own


def check_settings() -> None:
    """Settings that are not in order stop the start, not a job at night. Raises ValueError, OSError."""
    targets()
    holidays.working_days()
    digest.MailSettings.from_environment()


async def run(timing: Timing) -> None:
    """Work until told to stop (SIGTERM, SIGINT): no new jobs then, and those at hand have their grace."""
    check_settings()
    own = own_temporary_room()
    app = build(timing)
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, told.set)
    try:
        async with app.open_async():
            await survive(app, timing)
            log.info("worker ready")
            warming = asyncio.create_task(asyncio.to_thread(warm))
            working = asyncio.create_task(
                app.run_worker_async(
                    concurrency=timing.jobs,
                    update_heartbeat_interval=timing.heartbeat,
                    stalled_worker_timeout=timing.stalled_after,
                    delete_jobs="successful",
                    fetch_job_polling_interval=2.0,
                    install_signal_handlers=False,
                )
            )
            stopping = asyncio.create_task(told.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            warming.cancel()
            # Cancelling asks the worker to take no more jobs and to wait for those it has.
            working.cancel()
            done, _ = await asyncio.wait({working}, timeout=timing.grace)
            if not done:
                await give_up(app, own)
            elif not working.cancelled():
                working.result()
    finally:
        engine.close_engines()
        shutil.rmtree(own, ignore_errors=True)


def warm() -> None:
    """Start the process that inspections are forked from, so that the first upload does not wait for it.
    Where it cannot start, the first inspection says so to its surveyor. What is loaded by then stays: the collector
    need not look through it."""
    try:
        apart.start()
    except Problem as problem:
        log.error("%s", problem.text.en)
    gc.collect()
    gc.freeze()


async def give_up(app: App, own: Path) -> NoReturn:
    """Leave unfinished jobs to the next worker. A thread cannot be stopped, so the process ends here; an
    inspection that is done in this very moment finds its round's answer stored, or stores it twice alike."""
    for job in list(_AT_HAND):
        with contextlib.suppress(ConnectorException):
            await app.job_manager.retry_job_by_id_async(job, retry_at=datetime.now(UTC))
    log.warning("stopped with %s jobs unfinished: the next worker begins them again", len(_AT_HAND))
    shutil.rmtree(own, ignore_errors=True)
    logging.shutdown()
    os._exit(0)


#: Numbers of the jobs that run in threads now.
_AT_HAND: set[int] = set()


@contextlib.contextmanager
def at_hand(job: int | None) -> Iterator[None]:
    """Note a job that runs in a thread."""
    assert job is not None
    _AT_HAND.add(job)
    try:
        yield
    finally:
        _AT_HAND.discard(job)


async def survive(app: App, timing: Timing) -> None:
    """Take up what is left from before; a database that is still starting is waited for."""
    for attempt in range(10):
        try:
            await take_up(app, timing.stalled_after)
            return
        except (ConnectorException, OperationalError):
            if attempt == 9:
                raise
            await asyncio.sleep(1)
