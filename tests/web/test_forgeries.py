"""Logs that lie under the right log key, judged in the browser: whatever Python refuses is refused there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from suyuan.errors import ProofWrong, Refused
from suyuan.ledger.jwk import format_jwk
from suyuan.ledger.policy import policy_of_keys
from suyuan.ledger.statement import sign_statement
from suyuan.qr.run import RunTree
from suyuan.verify.bundle import PackageBundle, format_bundle
from suyuan.verify.package import check_bundle
from suyuan.web.scripts import SCRIPTS
from tests.orchard import Orchard
from tests.produce.world import name
from tests.served import Site
from tests.verify.ledgers import LOG, RUN, SECRET, Ledger, countersign, key, log_signer, opened
from tests.web.browser import Browser, Tab
from tests.web.test_arithmetic import spelled

COUNT = 9


def issue(ledger: Ledger, signer: str = "合作社", by: str = "合作社", **fields: object) -> int:
    root = RunTree(SECRET, RUN, COUNT).root().hex()
    run = {
        "run": RUN,
        "batch": name("批次"),
        "count": COUNT,
        "net": 5000,
        "packed_on": "2026-09-21",
        "root": root,
    }
    return ledger.say("labels.issued", by, signer=signer, **{**run, **fields})


def known(*supervisors: str) -> Ledger:
    """Return a log in which 合作社 is registered by entry 1."""
    ledger = opened(*(supervisors or ("局",)))
    ledger.register("合作社", ["producer"], "局")
    return ledger


def sound() -> PackageBundle:
    ledger = known()
    return ledger.package_bundle(issue(ledger), 4, COUNT, 0, 1)


def without_keys() -> PackageBundle:
    return replace(sound(), keys=())


def second_key() -> PackageBundle:
    ledger = known()
    added = ledger.admit("key.added", "合作社", "合作社", new="second")
    return ledger.package_bundle(issue(ledger, "second"), 4, COUNT, 0, 1, added)


def revoked_later() -> PackageBundle:
    ledger = known()
    at = issue(ledger)
    end = ledger.say("key.revoked", "局", party=name("合作社"), kid=key("合作社").kid, reason="stolen")
    return ledger.package_bundle(at, 4, COUNT, 0, 1, end)


def recovered(approved_by: str = "市监局") -> PackageBundle:
    ledger = known("局", "市监局")
    payload = ledger.payload("key.added", "局", party=name("合作社"), custody="party")
    payload["jwk"] = format_jwk(key("recovered").public)
    payload["proof"] = countersign(payload, key("recovered"))
    payload["approval"] = countersign(payload, key(approved_by))
    payload["approver"] = key("市监局").kid
    added = ledger.append(sign_statement(payload, key("局")))
    return ledger.package_bundle(issue(ledger, "recovered"), 4, COUNT, 0, 1, added)


def by_new_supervisor() -> PackageBundle:
    ledger = opened("局")
    ledger.register("新局", ["supervisor"], "局")
    ledger.register("合作社", ["producer"], "新局")
    return ledger.package_bundle(issue(ledger), 4, COUNT, 0, 1, 2)


SOUND: dict[str, Callable[[], PackageBundle]] = {
    "as it should be": sound,
    "without the entries of keys": without_keys,
    "signed by a second key": second_key,
    "by a key that was revoked later": revoked_later,
    "by a key that two supervisors recovered": recovered,
    "registered by a later supervisor": by_new_supervisor,
}


def stranger() -> PackageBundle:
    ledger = known()
    return ledger.package_bundle(issue(ledger, "stranger"), 4, COUNT, 0, 1)


def other_party() -> PackageBundle:
    ledger = known()
    other = ledger.register("别家", ["producer"], "局")
    return ledger.package_bundle(issue(ledger, "别家"), 4, COUNT, 0, 1, other)


def revoked_before() -> PackageBundle:
    ledger = known()
    end = ledger.say("key.revoked", "局", party=name("合作社"), kid=key("合作社").kid, reason="stolen")
    return ledger.package_bundle(issue(ledger), 4, COUNT, 0, 1, end)


def registered_by_a_friend() -> PackageBundle:
    ledger = known()
    friend = ledger.register("朋友", ["producer"], "合作社")
    return ledger.package_bundle(issue(ledger, "朋友", "朋友"), 4, COUNT, 0, 1, friend)


def recovered_by_one() -> PackageBundle:
    return recovered("recovered")


def recovered_without_approval() -> PackageBundle:
    ledger = known()
    added = ledger.admit("key.added", "合作社", "局", new="recovered")
    return ledger.package_bundle(issue(ledger, "recovered"), 4, COUNT, 0, 1, added)


def added_by_another() -> PackageBundle:
    ledger = known()
    other = ledger.register("别家", ["producer"], "局")
    added = ledger.admit("key.added", "合作社", "别家", new="third")
    return ledger.package_bundle(issue(ledger, "third"), 4, COUNT, 0, 1, other, added)


def not_countersigned() -> PackageBundle:
    ledger = opened("局")
    proof = countersign(
        {**ledger.payload("x", "局"), "party": name("合作社"), "jwk": format_jwk(key("合作社").public)},
        key("合作社"),
    )
    first = ledger.register("合作社", ["producer"], "局", proof=proof.replace("ey", "ex", 1))
    return ledger.package_bundle(issue(ledger), 4, COUNT, 0, first)


def countersigned_elsewhere() -> PackageBundle:
    ledger = opened("局")
    payload = {**ledger.payload("x", "局"), "id": "other", "party": name("合作社")}
    payload["jwk"] = format_jwk(key("合作社").public)
    first = ledger.register("合作社", ["producer"], "局", proof=countersign(payload, key("合作社")))
    return ledger.package_bundle(issue(ledger), 4, COUNT, 0, first)


def event_among_keys() -> PackageBundle:
    ledger = known()
    product = ledger.say("product.registered", "合作社", product=name("梨"), name="梨", unit="g")
    return ledger.package_bundle(issue(ledger), 4, COUNT, 0, 1, product)


def bad_signature() -> PackageBundle:
    ledger = known()
    payload = ledger.payload("labels.issued", "合作社", run=RUN, batch=name("批次"), count=COUNT, net=5000)
    payload |= {"packed_on": "2026-09-21", "root": RunTree(SECRET, RUN, COUNT).root().hex()}
    head, body, _ = sign_statement(payload, key("合作社")).split(".")
    forged = sign_statement({**payload, "net": 1}, key("合作社")).split(".")[2]
    return ledger.package_bundle(ledger.append(f"{head}.{body}.{forged}"), 4, COUNT, 0, 1)


def hidden_subject() -> PackageBundle:
    ledger = known()
    payload = ledger.payload("labels.issued", "合作社", run=RUN, batch=name("批次"), count=COUNT, net=5000)
    payload |= {"packed_on": "2026-09-21", "root": RunTree(SECRET, RUN, COUNT).root().hex()}
    token = sign_statement(payload, key("合作社"))
    return ledger.package_bundle(ledger.append(token, (f"run:{RUN}",)), 4, COUNT, 0, 1)


def other_place(**changes: object) -> PackageBundle:
    ledger = known()
    payload = ledger.payload("labels.issued", "合作社", run=RUN, batch=name("批次"), count=COUNT, net=5000)
    payload |= {"packed_on": "2026-09-21", "root": RunTree(SECRET, RUN, COUNT).root().hex()}
    token = sign_statement({**payload, **changes.pop("payload", {})}, key("合作社"))  # type: ignore[dict-item]
    return ledger.package_bundle(ledger.append(token, **changes), 4, COUNT, 0, 1)  # type: ignore[arg-type]


def other_event() -> PackageBundle:
    ledger = known()
    at = ledger.say("product.registered", "合作社", product=name("梨"), name="梨", unit="g")
    return ledger.package_bundle(at, 4, COUNT, 0, 1)


def fewer_committed() -> PackageBundle:
    ledger = known()
    at = issue(ledger, root=RunTree(SECRET, RUN, COUNT - 1).root().hex())
    return ledger.package_bundle(at, 4, COUNT, 0, 1)


def other_count() -> PackageBundle:
    ledger = known()
    return ledger.package_bundle(issue(ledger, count=COUNT + 1), 4, COUNT, 0, 1)


def other_run() -> PackageBundle:
    ledger = known()
    return ledger.package_bundle(issue(ledger, run="7K3MZ"), 4, COUNT, 0, 1)


FORGED: dict[str, tuple[Callable[[], PackageBundle], str]] = {
    "signed by a stranger": (stranger, "signer"),
    "signed by another party": (other_party, "signer"),
    "after its key was revoked": (revoked_before, "signer"),
    "by a party that no supervisor registered": (registered_by_a_friend, "signer"),
    "by a key that one supervisor recovered": (recovered_by_one, "signer"),
    "by a key recovered without approval": (recovered_without_approval, "signer"),
    "by a key that another party added": (added_by_another, "signer"),
    "by a key that did not countersign": (not_countersigned, "signer"),
    "by a key that countersigned something else": (countersigned_elsewhere, "signer"),
    "another event among the keys": (event_among_keys, "signer"),
    "a signature of other words": (bad_signature, "signer"),
    "a chain left out": (hidden_subject, "statement"),
    "another index in the entry": (lambda: other_place(index=7), "entry"),
    "another log in the entry": (lambda: other_place(log="other.invalid"), "entry"),
    "another log in the event": (lambda: other_place(payload={"log": "other.invalid"}), "statement"),
    "another event": (other_event, "statement"),
    "another root": (fewer_committed, "package"),
    "another count": (other_count, "package"),
    "another run": (other_run, "package"),
}


@pytest.fixture(scope="module")
def workbench(browser: Browser, reading_site: Site, grown: Orchard) -> Iterator[Tab]:
    tab = browser.tab()
    tab.open(f"{reading_site.url}/p/{grown.code('R1', 3)}")
    yield tab
    tab.close()


def judge(tab: Tab, bundle: PackageBundle) -> str:
    """Return the step at which the browser refuses *bundle*, with its reason; empty where it takes it."""
    trust = {"code": bundle.code, "log": LOG, "keys": [log_signer().vkey], "witnesses": []}
    found = tab.run(
        f"""import("/s/{SCRIPTS.folder}/verify.js").then((m) => {{
            const bytes = Uint8Array.from(atob("{spelled(format_bundle(bundle))}"), (one) => one.charCodeAt(0));
            return m.verifyPackage(bytes, {json.dumps(trust)}, () => {{}});
        }}).then(() => "", (error) => error.step + " " + error.reason)"""
    )
    assert isinstance(found, str)
    return found


TRUSTED = policy_of_keys([log_signer().verifier])


@pytest.mark.parametrize("case", SOUND)
def test_what_python_takes_is_taken(workbench: Tab, case: str) -> None:
    bundle = SOUND[case]()
    check_bundle(bundle, TRUSTED)
    assert judge(workbench, bundle) == ""


@pytest.mark.parametrize("case", FORGED)
def test_what_python_refuses_is_refused_at_its_step(workbench: Tab, case: str) -> None:
    make, step = FORGED[case]
    bundle = make()
    with pytest.raises((Refused, ProofWrong)):
        check_bundle(bundle, TRUSTED)
    found, reason = judge(workbench, bundle).split()
    assert found == step
    assert reason != "form" or "countersign" in case
