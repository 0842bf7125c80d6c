"""
One package: that its code was committed under a run of labels, before printing, in a log whose key is trusted.

A proof shows 记录真实, that the record is intact: never that the goods in hand are the ones that were labelled.
"""

from __future__ import annotations

from ..errors import Reason
from ..ledger.hashing import Hash
from ..ledger.policy import Policy
from ..produce.events import LabelsIssued
from ..qr.code import parse_code
from ..qr.run import PackageProof, check_package
from .bundle import Bundle, PackageBundle
from .entry import Proved
from .proof import OTHER_EVENTS, check_entry_proof, in_order, walk
from .steps import Step, StepFailed, done, expect, left_open, proving

NOT_ISSUED = Reason(
    "proof.event", "该条目不是赋码事件（labels.issued）", "the entry is no issue of labels (labels.issued)"
)
RUN = Reason("proof.run", "溯源码属于另一段标签", "the code is of another run of labels")
PLACE = Reason(
    "proof.place",
    "溯源码中的序号或段内总数与证明不符",
    "the index in the code, or the count of the run, is not that of the proof",
)
PACKAGE = Reason(
    "proof.package",
    "溯源码不在这段标签的承诺之中：码或证明被改动",
    "the code was not committed in this run: code or proof was changed",
)

COMMITTED = Reason(
    "step.package",
    "溯源码是标签段 {run} 的第 {index} 个（共 {count} 个），印刷之前已写入承诺",
    "the code is number {index} of the {count} of run {run}, committed before printing",
)
BATCH = Reason(
    "step.batch",
    "该段标签属于批次 {batch}，每件净含量 {net}（以产品单位计），包装日期 {packed_on}",
    "the run labels batch {batch}, {net} units of the product in each package, packed on {packed_on}",
)
GOODS = Reason(
    "open.goods",
    "未检查：手中的货物是否就是当初贴标的货物（溯源码可能被复制）",
    "not checked: whether these goods are those that were labelled (a code can be copied)",
)


def check_package_proof(bundle: PackageBundle, policy: Policy) -> list[Step]:
    """
    Check all that *bundle* shows of one package; return the steps, those left open last.

    Args:
        bundle: the proof, of which nothing is trusted.
        policy: whom the caller trusts, known from elsewhere, never from the bundle.

    Raises:
        ProofWrong: StepFailed, with what was expected and found.
        Refused: something in the bundle is malformed, or its checkpoint lacks a signature that *policy* wants.
    """
    steps, proved = walk(bundle, policy)
    return in_order([*steps, *_package_steps(bundle, proved), left_open(OTHER_EVENTS)])


def package_steps(bundle: PackageBundle, policy: Policy) -> list[Step]:
    """Check all of *bundle*; return what it shows beyond its entry. Arguments and errors as ``check_package_proof``."""
    _, proved = walk(bundle, policy)
    return _package_steps(bundle, proved)


def check_bundle(bundle: Bundle, policy: Policy) -> list[Step]:
    """Check whichever kind of proof *bundle* is; arguments and errors as for ``check_package_proof``."""
    if isinstance(bundle, PackageBundle):
        return check_package_proof(bundle, policy)
    return check_entry_proof(bundle, policy)


def _package_steps(bundle: PackageBundle, proved: Proved) -> list[Step]:
    """Check that the code of *bundle* is committed in the entry *proved*."""
    event = proved.event
    if not isinstance(event, LabelsIssued):
        found = proved.statement.payload["type"]
        raise StepFailed(NOT_ISSUED.at(), expected="labels.issued", found=found)
    package = bundle.package
    parts = parse_code(bundle.code)
    expect(RUN, event.run, parts.run)
    expect(PLACE, (parts.index, event.count), (package.index, package.count))
    with proving(PACKAGE):
        path = PackageProof(bundle.code, package.blinding, package.hashes)
        check_package(path, event.run, event.count, Hash(bytes.fromhex(event.root)))
    return [
        done(COMMITTED, run=event.run, index=parts.index, count=event.count),
        done(BATCH, batch=event.batch, net=event.net, packed_on=event.packed_on),
        left_open(GOODS),
    ]
