"""The batcher: many callers, one worker, one transaction for a group."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from suyuan.capture.append import Capture
from suyuan.capture.batcher import Batcher
from suyuan.capture.outcome import Accepted, Checked, Outcome, Submission
from suyuan.errors import Broken, Missing, Reason, Refused, SuyuanError, Unavailable
from tests.farm import Farm

BUSY = Reason("store.busy", "忙", "busy")

Hook = Callable[["Faulty", Sequence[Checked | SuyuanError]], None]


class Faulty(Capture):
    """A writer that does as it is told before and after each group is written; written once, for all tests."""

    before: Hook
    after: Hook
    sizes: list[int]

    @classmethod
    def of(cls, capture: Capture, before: Hook | None = None, after: Hook | None = None) -> Faulty:
        made = cls(capture.engine, capture.log_id, capture.vault, capture.receipt_key, capture.clock)
        object.__setattr__(made, "before", before or _nothing)
        object.__setattr__(made, "after", after or _nothing)
        object.__setattr__(made, "sizes", [])
        return made

    def append(self, group: Sequence[Checked | SuyuanError]) -> list[Outcome]:
        self.sizes.append(len(group))
        self.before(self, group)
        outcomes = Capture.append(self, group)
        self.after(self, group)
        return outcomes


def _nothing(writer: Faulty, group: Sequence[Checked | SuyuanError]) -> None:
    pass


def fail_once(error: Exception, at: int = 1) -> Hook:
    def hook(writer: Faulty, group: Sequence[Checked | SuyuanError]) -> None:
        if len(writer.sizes) == at:
            raise error

    return hook


def fail_on(submission: Submission, error: Exception) -> Hook:
    """Fail each group that holds *submission*, as a bug in its rule would."""

    def hook(writer: Faulty, group: Sequence[Checked | SuyuanError]) -> None:
        if any(isinstance(one, Checked) and one.statement.token == submission.token for one in group):
            raise error

    return hook


async def all_of(*callers: asyncio.Future[list[Outcome]]) -> list[list[Outcome] | BaseException]:
    return await asyncio.gather(*callers, return_exceptions=True)


def call(batcher: Batcher, *submissions: Submission) -> asyncio.Task[list[Outcome]]:
    return asyncio.create_task(batcher.submit(submissions))


def indexes(outcomes: object) -> list[int]:
    assert isinstance(outcomes, list), outcomes
    assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes
    return [outcome.index for outcome in outcomes]


def test_callers_at_the_same_time_share_a_transaction(farm: Farm) -> None:
    writer = Faulty.of(farm.capture)
    statements = farm.harvests(20)

    async def scene() -> list[list[Outcome] | BaseException]:
        batcher = Batcher(writer)
        answers = await all_of(*(call(batcher, statement) for statement in statements))
        await batcher.close()
        return answers

    size = len(farm.entries())
    assert [indexes(answer) for answer in asyncio.run(scene())] == [[size + n] for n in range(20)]
    assert writer.sizes == [20]


def test_each_caller_gets_its_own_receipt_or_its_own_problems(farm: Farm) -> None:
    good, other = farm.harvests(2)
    bad = farm.harvest(plot="7777777777")

    async def scene() -> list[list[Outcome] | BaseException]:
        batcher = Batcher(farm.capture)
        answers = await all_of(call(batcher, good), call(batcher, bad), call(batcher, Submission("x"), other))
        await batcher.close()
        return answers

    first, second, third = asyncio.run(scene())
    assert isinstance(second, list)
    assert isinstance(third, list)
    assert [type(outcome) for outcome in second] == [Refused]
    assert [type(outcome) for outcome in third] == [Refused, Accepted]
    size = len(farm.entries())
    assert (indexes(first), indexes(third[1:])) == ([size - 2], [size - 1])


def test_a_request_beyond_the_group_limit_is_split(sqlite_farm: Farm) -> None:
    farm = sqlite_farm
    writer = Faulty.of(farm.capture)
    statements = farm.harvests(1000)

    async def scene() -> list[Outcome]:
        batcher = Batcher(writer)
        outcomes = await batcher.submit(statements)
        await batcher.close()
        return outcomes

    found = indexes(asyncio.run(scene()))
    assert found == list(range(found[0], found[0] + 1000))
    assert writer.sizes == [256, 256, 256, 232]


def test_a_full_group_does_not_wait_for_company(sqlite_farm: Farm) -> None:
    statements = sqlite_farm.harvests(4)

    async def scene() -> None:
        batcher = Batcher(sqlite_farm.capture, group_limit=2, wait_s=3600)
        first = call(batcher, statements[0])
        await asyncio.sleep(0)
        await asyncio.wait_for(all_of(first, call(batcher, statements[1])), 60)
        await asyncio.wait_for(batcher.submit(statements[2:]), 60)
        await batcher.close()

    asyncio.run(scene())


def test_nothing_to_append_is_answered_at_once(sqlite_farm: Farm) -> None:
    async def scene() -> None:
        batcher = Batcher(sqlite_farm.capture)
        assert await batcher.submit([]) == []
        await batcher.close()

    asyncio.run(scene())


def test_beyond_the_queue_a_caller_is_told_to_come_again(sqlite_farm: Farm) -> None:
    statements = sqlite_farm.harvests(4)

    async def scene() -> None:
        batcher = Batcher(sqlite_farm.capture, queue_limit=2, wait_s=3600)
        long = call(batcher, *statements[:3])  # one request alone may be longer than the queue
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as raised:
            await batcher.submit(statements[3:])
        assert raised.value.problem.code == "queue.full"
        assert raised.value.problem.values == {"waiting": 3}
        assert raised.value.retry_after_s > 0
        await batcher.close()
        assert len(indexes(await long)) == 3

    asyncio.run(scene())


@pytest.mark.parametrize("after", [False, True], ids=["before it persists", "after it persists"])
def test_a_store_that_is_unavailable_fails_the_group_and_a_retry_gets_the_receipt(
    farm: Farm, after: bool
) -> None:
    fault = fail_once(Unavailable(BUSY.at()))
    writer = Faulty.of(farm.capture, **{"after" if after else "before": fault})
    statements = farm.harvests(3)

    async def scene() -> None:
        batcher = Batcher(writer)
        answers = await all_of(*(call(batcher, statement) for statement in statements))
        assert [type(answer) for answer in answers] == [Unavailable] * 3
        again = await batcher.submit(statements)
        assert [outcome.replayed for outcome in again if isinstance(outcome, Accepted)] == [after] * 3
        await batcher.close()

    asyncio.run(scene())


def test_the_rest_of_a_failed_request_is_not_tried(sqlite_farm: Farm) -> None:
    writer = Faulty.of(sqlite_farm.capture, fail_once(Unavailable(BUSY.at()), at=2))
    statements = sqlite_farm.harvests(6)

    async def scene() -> None:
        batcher = Batcher(writer, group_limit=2)
        with pytest.raises(Unavailable):
            await batcher.submit(statements)
        await batcher.submit(sqlite_farm.harvests(1))
        await batcher.close()

    asyncio.run(scene())
    assert writer.sizes == [2, 2, 1]


def test_a_log_that_is_missing_is_told_to_every_caller(sqlite_farm: Farm) -> None:
    capture = replace(sqlite_farm.capture, log_id="other.example/log")

    async def scene() -> None:
        batcher = Batcher(capture)
        with pytest.raises(Missing):
            await batcher.submit(sqlite_farm.harvests(1))
        await batcher.close()

    asyncio.run(scene())


def test_a_broken_ledger_stops_writing_for_good(farm: Farm) -> None:
    writer = Faulty.of(farm.capture, fail_once(Broken("the log moved under its lock")))
    statements = farm.harvests(5)

    async def scene() -> None:
        batcher = Batcher(writer, group_limit=2)
        stopped = [batcher.is_stopped]
        answers = await all_of(*(call(batcher, statement) for statement in statements))
        assert [type(answer) for answer in answers] == [Broken, Broken, *[Unavailable] * 3]
        assert [*stopped, batcher.is_stopped] == [False, True]
        for _ in range(2):
            with pytest.raises(Unavailable) as raised:
                await batcher.submit(statements)
            assert raised.value.problem.code == "log.stopped"
        await batcher.close()

    asyncio.run(scene())
    assert writer.sizes == [2]


class TestABug:
    WORDS = "向大山 13800000000"

    def test_fails_its_own_event_alone(self, farm: Farm, caplog: pytest.LogCaptureFixture) -> None:
        statements = farm.harvests(4)
        writer = Faulty.of(farm.capture, fail_on(statements[1], KeyError(self.WORDS)))

        async def scene() -> list[list[Outcome] | BaseException]:
            batcher = Batcher(writer)
            answers = await all_of(call(batcher, *statements[:3]), call(batcher, statements[3]))
            await batcher.close()
            return answers

        with caplog.at_level(logging.ERROR):
            first, second = asyncio.run(scene())
        assert isinstance(first, list)
        assert [type(outcome) for outcome in first] == [Accepted, Unavailable, Accepted]
        assert isinstance(first[1], Unavailable)
        assert first[1].problem.code == "event.failed"
        assert len(indexes(second)) == 1
        assert writer.sizes == [4, 1, 1, 1, 1]

    def test_is_logged_without_what_it_says(
        self, sqlite_farm: Farm, caplog: pytest.LogCaptureFixture
    ) -> None:
        statement = sqlite_farm.harvest()
        writer = Faulty.of(sqlite_farm.capture, fail_on(statement, KeyError(self.WORDS)))

        async def scene() -> None:
            batcher = Batcher(writer)
            await batcher.submit([statement])
            await batcher.close()

        asyncio.run(scene())
        [record] = caplog.records
        assert "KeyError" in record.getMessage()
        assert "test_batcher.py" in record.getMessage()
        assert self.WORDS not in caplog.text

    def test_beside_a_store_that_then_fails_answers_the_rest(
        self, sqlite_farm: Farm, caplog: pytest.LogCaptureFixture
    ) -> None:
        statements = sqlite_farm.harvests(3)
        bug, gone = fail_on(statements[0], ValueError()), fail_once(Unavailable(BUSY.at()), at=3)

        def both(writer: Faulty, group: Sequence[Checked | SuyuanError]) -> None:
            bug(writer, group)
            gone(writer, group)

        async def scene() -> list[list[Outcome] | BaseException]:
            batcher = Batcher(Faulty.of(sqlite_farm.capture, both))
            answers = await all_of(*(call(batcher, statement) for statement in statements))
            await batcher.close()
            return answers

        first, second, third = asyncio.run(scene())
        assert isinstance(first, list)
        assert isinstance(first[0], Unavailable)
        assert first[0].problem.code == "event.failed"
        assert [type(second), type(third)] == [Unavailable, Unavailable]


def test_a_caller_that_goes_does_not_take_the_group_along(farm: Farm) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(writer: Faulty, group: Sequence[Checked | SuyuanError]) -> None:
        entered.set()
        assert leave.wait(60)

    statements = farm.harvests(2)

    async def scene() -> list[int]:
        batcher = Batcher(Faulty.of(farm.capture, hold))
        going, staying = call(batcher, statements[0]), call(batcher, statements[1])
        await asyncio.to_thread(entered.wait, 60)
        going.cancel()
        await asyncio.wait({going})
        leave.set()
        assert going.cancelled()
        found = indexes(await staying)
        [again] = await batcher.submit([statements[0]])
        assert isinstance(again, Accepted)
        assert again.replayed
        await batcher.close()
        return found

    assert len(asyncio.run(scene())) == 1


def test_a_caller_that_goes_before_its_group_takes_its_statement_back(sqlite_farm: Farm) -> None:
    statements = sqlite_farm.harvests(2)
    size = len(sqlite_farm.entries())

    async def scene() -> None:
        batcher = Batcher(sqlite_farm.capture, wait_s=3600)
        going, staying = call(batcher, statements[0]), call(batcher, statements[1])
        await asyncio.sleep(0)
        going.cancel()
        await asyncio.wait({going})
        await batcher.close()
        assert indexes(await staying) == [size]

    asyncio.run(scene())
    assert len(sqlite_farm.entries()) == size + 1


def test_closing_writes_what_waits_and_takes_nothing_more(farm: Farm) -> None:
    statements = farm.harvests(10)

    async def scene() -> None:
        batcher = Batcher(farm.capture, group_limit=4, wait_s=3600)
        waiting = [call(batcher, statement) for statement in statements[:9]]
        await asyncio.sleep(0)
        await batcher.close()
        assert [len(indexes(answer)) for answer in await all_of(*waiting)] == [1] * 9
        with pytest.raises(Unavailable) as raised:
            await batcher.submit(statements[9:])
        assert raised.value.problem.code == "log.closing"
        await batcher.close()

    asyncio.run(scene())


def test_closing_what_never_began_is_quiet(sqlite_farm: Farm) -> None:
    asyncio.run(Batcher(sqlite_farm.capture).close())


def test_a_worker_that_is_cancelled_answers_those_who_wait(sqlite_farm: Farm) -> None:
    [statement] = sqlite_farm.harvests(1)

    async def scene() -> None:
        batcher = Batcher(sqlite_farm.capture, wait_s=3600)
        waiting = call(batcher, statement)
        await asyncio.sleep(0)
        [worker] = [task for task in asyncio.all_tasks() if task.get_name() == "suyuan-batcher"]
        worker.cancel()
        with pytest.raises(Unavailable) as raised:
            await waiting
        assert raised.value.problem.code == "log.closing"
        assert batcher.is_stopped

    asyncio.run(scene())


def test_a_worker_that_is_cancelled_in_a_group_answers_it_too(farm: Farm) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold(writer: Faulty, group: Sequence[Checked | SuyuanError]) -> None:
        entered.set()
        assert leave.wait(60)

    async def scene() -> None:
        batcher = Batcher(Faulty.of(farm.capture, hold))
        waiting = call(batcher, farm.harvest())
        await asyncio.to_thread(entered.wait, 60)
        [worker] = [task for task in asyncio.all_tasks() if task.get_name() == "suyuan-batcher"]
        worker.cancel()
        with pytest.raises(Unavailable):
            await waiting
        leave.set()
        await batcher.close()

    asyncio.run(scene())
