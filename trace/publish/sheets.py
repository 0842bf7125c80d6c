"""The labels of a run, made from the books and the run's secret, for a sheet or one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection

from ..books.store import load_records
from ..errors import Broken, Reason, Refused
from ..produce.labels import state_of
from ..produce.records import Batch, Party, Product, R, Run
from ..qr.address import digital_link_url, find_domain, package_url
from ..qr.label import LabelText, format_net_content
from ..qr.run import make_code
from ..qr.sheet import Label
from ..vault.vault import Vault

RANGE = Reason(
    "labels.range",
    "区间 [{first}, {end}) 为空或超出 {count} 件",
    "[{first}, {end}) is empty or beyond {count}",
)
VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class RunLabels:
    """
    What the labels of one run share.

    ``address`` is the log's public address; ``text`` holds the words of package 0.
    """

    run: Run
    product: Product
    text: LabelText
    address: str
    secret: bytes = field(repr=False)

    def code(self, index: int) -> str:
        """
        Return the code of the package at *index*.

        Raises:
            Refused: ``labels.range``, the run has no such package.
        """
        self._check(index, index + 1)
        return make_code(self.secret, self.run.id, index)

    def url(self, code: str) -> str:
        """Return the address that the symbol of *code* holds: a GS1 Digital Link where the product has a GTIN."""
        if self.product.gtin:
            return digital_link_url(self.address, self.product.gtin, self.run.batch, code)
        return package_url(self.address, code)

    def label(self, index: int) -> Label:
        """Return the label of the package at *index*; errors as for ``code``."""
        code = self.code(index)
        return Label(replace(self.text, code=code), self.url(code))

    def labels(self, first: int, end: int) -> Iterator[Label]:
        """
        Yield the labels of the packages [first, end), the voided ones left out.

        Raises:
            Refused: ``labels.range``.
        """
        self._check(first, end)
        return (self.label(index) for index in range(first, end) if state_of(self.run, index) != VOIDED)

    def _check(self, first: int, end: int) -> None:
        if not 0 <= first < end <= self.run.count:
            raise Refused(RANGE.at(first=first, end=end, count=self.run.count))


def read_run_labels(connection: Connection, vault: Vault, log_id: str, run: Run, address: str) -> RunLabels:
    """
    Return what the labels of *run* share.

    Raises:
        Broken: the vault lacks the run's secret, or the books lack what the run names.
        Refused: ``address.form``.
    """
    secret = vault.find_run_secret(connection, run.id)
    if secret is None:
        raise Broken(f"the vault has no secret for label run {run.id}")
    batch = _load(connection, log_id, Batch, run.batch)
    product = _load(connection, log_id, Product, batch.product)
    party = _load(connection, log_id, Party, run.party)
    text = LabelText(
        product=product.name,
        net_content=format_net_content(run.net, product.unit),
        batch=batch.ref or batch.id,
        packed_on=date.fromisoformat(run.packed_on),
        code=make_code(secret, run.id, 0),
        domain=find_domain(address),
        producer=party.name or None,
    )
    return RunLabels(run, product, text, address, secret)


def _load(connection: Connection, log_id: str, kind: type[R], id: str) -> R:
    record = load_records(connection, log_id, [(kind, id)]).get((kind, id))
    if not isinstance(record, kind):
        raise Broken(f"the books lack a record that they name: {kind.kind}:{id}")
    return record
