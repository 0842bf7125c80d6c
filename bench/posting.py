"""Single signed statements over HTTP, each answered with a receipt: against a bare route, and one commit each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack

import msgspec

from suyuan.ledger.receipt import open_receipt

from .client import Answers, ask, post
from .figure import Figure, Size, in_turn
from .server import BARE
from .serving import serve
from .stores import Stores, kinds
from .world import World

CONNECTIONS = 64
ROUTE = "/api/v1/statements"


def measure_posts(stores: Stores, size: Size) -> Iterator[Figure]:
    """Statements a second on PostgreSQL from 64 connections that each wait for their answer."""
    if "postgresql" not in kinds():
        return
    with ExitStack() as stack:
        grouped = stack.enter_context(_Route(stores))
        single = stack.enter_context(_Route(stores, group=1))
        many, few = size.of(4000, 400), size.of(600, 100)
        grouped.rate(many // 4)
        single.rate(few // 4)
        rates = in_turn(
            size.rounds,
            posted=lambda: grouped.rate(many),
            bare=lambda: grouped.bare_rate(many),
            single=lambda: single.rate(few),
        )
    posted = rates["posted"]
    bare = "bare FastAPI POST that echoes the same body, same server and client"
    yield Figure("post.postgresql", posted, "statements/s", bare, rates["bare"], 0.35)
    one = "one transaction per request under the row lock, same route and client"
    yield Figure("post.groups", posted, "statements/s", one, rates["single"], 4)


class _Route:
    """A server of its own on a log of its own; *group* is the most statements in a transaction."""

    def __init__(self, stores: Stores, group: int | None = None) -> None:
        self._url, self._data = stores.postgresql(), stores.new_folder()
        self._world = World(self._data, self._url)
        self._group = group
        self._stack = ExitStack()
        self._port = 0

    def __enter__(self) -> _Route:
        self._port = self._stack.enter_context(serve(self._data, self._url, self._group))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
        self._world.close()

    def bodies(self, count: int) -> list[bytes]:
        """Return *count* requests' bodies, statements signed anew."""
        return [msgspec.json.encode({"statement": one.token}) for one in self._world.harvests(count)]

    def rate(self, count: int) -> float:
        """Return the statements in a second, after every receipt was checked outside of the time taken."""
        answers = ask(self._port, [post(ROUTE, body) for body in self.bodies(count)], CONNECTIONS)
        self._check(answers, count)
        return answers.rate

    def bare_rate(self, count: int) -> float:
        """Return the requests in a second of the bare route."""
        return ask(self._port, [post(BARE, body) for body in self.bodies(count)], CONNECTIONS).rate

    def _check(self, answers: Answers, count: int) -> None:
        """Stop unless there are *count* receipts by the log's key for as many entries."""
        public = self._world.house.keys.receipt.public
        found = (msgspec.json.decode(body)["receipts"] for body in answers.bodies)
        receipts = [open_receipt(one["receipt"], public) for one in itertools.chain.from_iterable(found)]
        if len({receipt.index for receipt in receipts}) != count:
            raise SystemExit(f"{count} statements, {len(receipts)} receipts")
