"""Label runs: issued before anything is printed, activated when the goods leave, voided when a label is spoilt."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Reason, Refused, Unavailable
from ..ledger.engine import begin_read
from ..ledger.hashing import ZERO, Hash
from ..ledger.jwk import SigningKey
from ..produce.records import Run
from ..qr.run import SECRET_BYTES, run_root
from .acts import Act, find_signer, say, try_act
from .mint import RUN_LENGTH
from .office import Office
from .outcome import Accepted
from .register import Register

TAKEN = "id.taken"

NO_RUN_LEFT = Reason(
    "run.none-free", "没有找到空闲的标签段编号，请重试", "found no free id for a label run, try again"
)

_TRIES = 20


@dataclass(frozen=True, slots=True)
class Order:
    """
    What is to be labelled: *count* packages of *net* units of the product each, from the batch with id *batch*.

    *packed_on* is the day as ``2026-09-21``.
    """

    batch: str
    count: int
    net: int
    packed_on: str


@dataclass(frozen=True, slots=True)
class Issued:
    """The run that was issued, and its entry."""

    run: str
    accepted: Accepted


def issue_labels(office: Office, order: Order, party: str, key: SigningKey | None = None) -> Issued:
    """
    Issue a new run of labels for *order*, said by *party*; or by the owner of *key*, where one is given.

    The run's secret is committed before its entry, so that no entry lacks its secret; a crash between them leaves a
    secret that belongs to no run.

    Raises:
        Missing: the service keeps no key of the party.
        Refused: the rules refuse it: too little in the batch, the batch is held.
    """
    by, key = find_signer(office, party, key)
    for _ in range(_TRIES):
        run = _free_run(office)
        try_act(
            office, _act(order, by, run, ZERO), key
        )  # a large run takes long: refuse what can be refused before
        secret = office.pen.random(SECRET_BYTES)
        act = _act(order, by, run, run_root(secret, run, order.count))
        with office.vault.begin() as connection:
            office.vault.put_run_secret(connection, run, secret)
        try:
            return Issued(run, say(office, act, key))
        except Refused as refused:
            if [(one.code, one.pointer) for one in refused.problems] != [(TAKEN, "/run")]:
                raise
    raise Unavailable(NO_RUN_LEFT.at())


def _act(order: Order, by: str, run: str, root: Hash) -> Act:
    fields = {
        "run": run,
        "batch": order.batch,
        "count": order.count,
        "net": order.net,
        "root": root.hex(),
        "packed_on": order.packed_on,
    }
    return Act("labels.issued", by, fields)


def activate_labels(
    office: Office, run: Run, span: tuple[int, int], key: SigningKey | None = None
) -> Accepted:
    """
    State that the packages [first, end) of *run* are on their way, said by the party that issued them.

    Raises:
        Missing, Refused: as ``issue_labels``; a package was voided or is active.
    """
    by, key = find_signer(office, run.party, key)
    fields = {"run": run.id, "first": span[0], "end": span[1]}
    return say(office, Act("labels.activated", by, fields), key)


def void_labels(
    office: Office, run: Run, span: tuple[int, int], reason: str, key: SigningKey | None = None
) -> Accepted:
    """
    State that the packages [first, end) of *run* will never be sold, said by the party that issued them.

    Raises:
        Missing, Refused: as ``issue_labels``; a package was sold or voided.
    """
    by, key = find_signer(office, run.party, key)
    fields = {"run": run.id, "first": span[0], "end": span[1], "reason": reason}
    return say(office, Act("labels.voided", by, fields), key)


def _free_run(office: Office) -> str:
    """Return a random run id that neither the books nor the vault know; another process may still be faster."""
    for _ in range(_TRIES):
        run = office.pen.mint.id(RUN_LENGTH)
        with begin_read(office.engine) as connection:
            register = Register(connection, office.pen.log_id, office.vault)
            if register.find(Run, run) is None and office.vault.find_run_secret(connection, run) is None:
                return run
    raise Unavailable(NO_RUN_LEFT.at())
