"""The browser's arithmetic against Python's: the same cases, the same answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import pytest

from suyuan.errors import ProofWrong, Refused
from suyuan.ledger.canonical import decode
from suyuan.ledger.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from suyuan.ledger.cosignature import COSIGNATURE, MLDSA, Cosigner, parse_key
from suyuan.ledger.hashing import Hash, leaf_hash
from suyuan.ledger.merkle import (
    MemoryTree,
    check_consistency,
    check_inclusion,
    prove_consistency,
    prove_inclusion,
)
from suyuan.ledger.note import Signer, parse_verifier, sign_note, split_note
from suyuan.ledger.policy import policy_of_keys
from suyuan.ledger.radix64 import parse_base64, parse_base64url
from suyuan.verify.bundle import parse_bundle
from suyuan.verify.package import check_bundle
from suyuan.web.scripts import SCRIPTS
from tests.keys import seed
from tests.orchard import Orchard
from tests.served import Site
from tests.web.browser import Browser, Tab


@pytest.fixture(scope="module")
def workbench(browser: Browser, reading_site: Site, grown: Orchard) -> Iterator[Tab]:
    """A page that may load our modules."""
    tab = browser.tab()
    tab.open(f"{reading_site.url}/p/{grown.code('R1', 3)}")
    yield tab
    tab.close()


def judge(tab: Tab, module: str, call: str, cases: Sequence[Any]) -> list[bool]:
    """Return for each case whether *call*, an arrow function of the module ``m`` and the case, takes it."""
    found = tab.run(
        f"""(async () => {{
            const m = await import("/s/{SCRIPTS.folder}/{module}.js");
            const bytes = (spelled) => Uint8Array.from(atob(spelled), (one) => one.charCodeAt(0));
            const call = {call};
            const found = [];
            for (const one of {json.dumps(cases)}) {{
                try {{
                    await call(m, one, bytes);
                    found.push(true);
                }} catch (error) {{
                    if (typeof error.reason !== "string") throw error;
                    found.push(false);
                }}
            }}
            return found;
        }})()"""
    )
    assert isinstance(found, list)
    return found


def spelled(data: bytes) -> str:
    return base64.b64encode(data).decode()


def holds(check: Callable[..., object], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except (ProofWrong, Refused):
        return False
    return True


def grow_tree(random: Random, size: int) -> MemoryTree:
    return MemoryTree(leaf_hash(random.randbytes(8)) for _ in range(size))


def spoil(random: Random, hashes: tuple[Hash, ...]) -> list[tuple[bytes, ...]]:
    """Return *hashes* with one bit flipped, one hash less, one more, and one too short."""
    found: list[tuple[bytes, ...]] = [(*hashes, Hash(random.randbytes(32)))]
    if hashes:
        at = random.randrange(len(hashes))
        flipped = bytearray(hashes[at])
        flipped[random.randrange(32)] ^= 1 << random.randrange(8)
        for other in ((bytes(flipped),), (), (hashes[at][:31],)):
            found.append((*hashes[:at], *other, *hashes[at + 1 :]))
    return found


def test_inclusion_is_judged_as_in_python(workbench: Tab) -> None:
    random = Random(1)
    cases: list[tuple[Sequence[bytes], int, int, bytes, bytes]] = []
    for size in [*range(1, 34), *(random.randrange(34, 600) for _ in range(20))]:
        tree, index = grow_tree(random, size), random.randrange(size)
        proof, leaf, root = prove_inclusion(index, size, tree.read), tree.read([(0, index)])[0], tree.root()
        cases.append((proof, index, size, leaf, root))
        cases += [(bad, index, size, leaf, root) for bad in spoil(random, proof)]
        cases += [(proof, other, size, leaf, root) for other in (index - 1, index + 1, index ^ 2, size)]
        cases += [(proof, index, other, leaf, root) for other in (size - 1, size + 1, 2 * size)]
        cases.append((proof, index, size, root, leaf))
    expected = [holds(check_inclusion, *case) for case in cases]
    assert expected.count(True) > 53  # a proof may hold for another size
    found = judge(
        workbench,
        "merkle",
        "(m, [p, i, n, leaf, root], b) => m.checkInclusion(p.map(b), BigInt(i), BigInt(n), b(leaf), b(root))",
        [[list(map(spelled, p)), i, n, spelled(leaf), spelled(root)] for p, i, n, leaf, root in cases],
    )
    assert found == expected


def test_consistency_is_judged_as_in_python(workbench: Tab) -> None:
    random = Random(2)
    cases: list[tuple[Sequence[bytes], int, int, bytes, bytes]] = []
    pairs = [(old, new) for new in range(1, 18) for old in range(1, new + 1)]
    pairs += [(random.randrange(1, 500), random.randrange(500, 700)) for _ in range(20)]
    tree = grow_tree(random, 701)
    for old, new in pairs:
        proof, first, second = prove_consistency(old, new, tree.read), tree.root(old), tree.root(new)
        cases.append((proof, old, new, first, second))
        cases += [(bad, old, new, first, second) for bad in spoil(random, proof)]
        cases += [(proof, old + 1, new, first, second), (proof, old, new + 1, first, second)]
        cases += [(proof, old - 1, new, first, second), (proof, old, new, second, first)]
    expected = [holds(check_consistency, *case) for case in cases]
    assert expected.count(True) >= len(pairs)
    found = judge(
        workbench,
        "merkle",
        "(m, [p, o, n, x, y], b) => m.checkConsistency(p.map(b), BigInt(o), BigInt(n), b(x), b(y))",
        [[list(map(spelled, p)), o, n, spelled(x), spelled(y)] for p, o, n, x, y in cases],
    )
    assert found == expected


def test_sizes_beyond_the_whole_numbers_of_javascript_are_exact(workbench: Tab) -> None:
    size, index = 2**62 + 3, 2**62 + 1
    proof = [Hash(bytes([level]) * 32) for level in range(3)]
    calls = (
        "(m, [n, i]) => m.checkInclusion([], BigInt(i), BigInt(n), new Uint8Array(32), new Uint8Array(32))"
    )
    assert judge(workbench, "merkle", calls, [[str(size), str(index)], [str(size), str(size)]]) == [
        False,
        False,
    ]
    with pytest.raises(ProofWrong) as wrong:
        check_inclusion(proof[:1], index, size, proof[0], proof[0])
    length = workbench.run(
        f"""import("/s/{SCRIPTS.folder}/merkle.js").then((m) => m.checkInclusion([], {index}n, {size}n, null, null))
            .catch((error) => error.expected)"""
    )
    assert length == str(wrong.value.expected)


JSONS = [
    '{"a":1}', '{"a":[1,2,{"b":"c"}],"b":true}', '{"b":1,"a":2}', '{"a":1,"a":1}', '{ "a":1}', '{"a":1.5}', '{"a":1.0}',
    '{"a":null}', '{"a":-0}', '{"a":-5}', '{"a":9007199254740991}', '{"a":9007199254740992}', '{"a":1e2}', "[]", "1",
    '"a"', "", "{", '{"é":1}', '{"a":"é"}', '{"a":"e\u0301"}', '{"a":"\\u00e9"}', '{"a":"\\ud800"}', '{"a":"\\u0001"}',
    '{"a":"\\u000a"}', '{"a":"\\n"}', '{"a":"/"}', '{"a":"\\/"}', '{"a":"\u2028"}', '{"a":"😀"}',
    '{"a":"\\ud83d\\ude00"}',
    '{"__proto__":1}', '{"a":"\x7f"}', "\ufeff{}", "{}", '{"A":1,"a":2}', '{"10":1,"9":2}', '{"9":1,"10":2}',
    '{"a":' + "[" * 31 + "]" * 31 + "}", '{"a":' + "[" * 32 + "]" * 32 + "}", '{"a":' + "[" * 40 + "]" * 40 + "}",
]  # fmt: skip


def test_json_has_one_spelling_as_in_python(workbench: Tab) -> None:
    expected = [holds(decode, text.encode()) for text in JSONS]
    assert 10 < expected.count(True) < len(JSONS) - 10
    call = "(m, text) => m.readCanonical(new TextEncoder().encode(text))"
    assert judge(workbench, "bytes", call, JSONS) == expected
    assert judge(
        workbench, "bytes", "(m, one, b) => m.readCanonical(b(one))", [spelled(b'{"a":"\xff"}')]
    ) == [False]


BASE64 = [
    "",
    "AA==",
    "AB==",
    "AA=",
    "AA",
    "AAA=",
    "AAB=",
    "AAAA",
    "AAAA\n",
    " AAAA",
    "A",
    "AA-_",
    "AA+/",
    "=AAA",
    "é",
]


def test_base64_has_one_spelling_as_in_python(workbench: Tab) -> None:
    for name, parse in (("fromBase64", parse_base64), ("fromBase64url", parse_base64url)):
        expected = [holds(parse, text) for text in BASE64]
        assert 2 < expected.count(True) < 10
        assert judge(workbench, "bytes", f"(m, text) => m.{name}(text)", BASE64) == expected


LOG_KEY = Signer("demo.invalid/log", seed("log"))
NOTE = sign_note(format_checkpoint(Checkpoint("demo.invalid/log", 17, Hash(bytes(32)))), [LOG_KEY])


def test_keys_notes_and_checkpoints_are_read_as_in_python(workbench: Tab) -> None:
    vkeys = [
        LOG_KEY.vkey,
        *(Cosigner("w.invalid", seed("w"), kind).key.vkey for kind in (COSIGNATURE, MLDSA)),
    ]
    vkeys += [
        LOG_KEY.vkey[1:],
        LOG_KEY.vkey[:-1],
        LOG_KEY.vkey + "\n",
        LOG_KEY.vkey.replace("+", " ", 1),
        "a+b+c",
        "",
    ]
    expected = [holds(parse_key, vkey) for vkey in vkeys]
    assert expected[:4] == [True, True, True, False]
    assert judge(workbench, "note", "(m, vkey) => m.parseKey(vkey)", vkeys) == expected

    head, line = NOTE.split("\n\n")
    notes = [
        NOTE,
        NOTE + NOTE.split("\n\n")[1],
        NOTE[:-1],
        NOTE + "\n",
        "\n\n" + line,
        head + "\n" + line,
        head + "\n\n",
    ]
    notes += [
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—  "),
        NOTE.replace("\n17", "\r\n17"),
        "x\n\n" + NOTE,
    ]
    notes += [
        NOTE.replace(" demo", "\u3000demo"),
        NOTE.replace("— demo", "— de+mo"),
        NOTE + 100 * line,
        "\n" + NOTE,
    ]
    expected = [holds(split_note, note) for note in notes]
    assert expected[:3] == [True, True, False]
    assert judge(workbench, "note", "(m, note) => m.splitNote(note)", notes) == expected

    texts = [
        head + "\n",
        head,
        head + "\nextension\n",
        *(head.replace("\n17\n", f"\n{n}\n") + "\n" for n in SIZES),
    ]
    expected = [holds(parse_checkpoint, text) for text in texts]
    assert expected.count(True) == 4
    assert judge(workbench, "note", "(m, text) => m.parseCheckpoint(text)", texts) == expected


SIZES = ["0", "017", "-1", "+1", " 1", "1.0", str(2**63 - 1), str(2**63), "9" * 30, "١", str(2**53 + 1)]


def damage(random: Random, document: bytes) -> bytes:
    """Return *document* with one byte changed, dropped, doubled, or two parts swapped."""
    at = random.randrange(len(document))
    kind = random.randrange(4)
    if kind == 0:
        return document[:at] + bytes([document[at] ^ 1 << random.randrange(7)]) + document[at + 1 :]
    if kind == 1:
        return document[:at] + document[at + 1 :]
    if kind == 2:
        return document[: at + 1] + document[at:]
    other = random.randrange(len(document))
    low, high = sorted((at, other))
    return document[:low] + document[high:] + document[low:high]


def test_damaged_documents_are_refused_as_in_python(
    workbench: Tab, reading_site: Site, grown: Orchard
) -> None:
    code, key = grown.code("R1", 3), grown.house.keys.checkpoint
    whole = reading_site.get(f"/api/v1/codes/{code}/proof").content
    random = Random(3)
    documents = [whole, *(damage(random, whole) for _ in range(400))]
    trusted = policy_of_keys([parse_verifier(key.vkey)])
    expected = [holds(lambda d: check_bundle(parse_bundle(d), trusted), document) for document in documents]
    assert expected.count(True) == sum(document == whole for document in documents)
    trust = json.dumps({"code": code, "log": "demo.invalid/log", "keys": [key.vkey], "witnesses": []})
    call = f"(m, document, b) => m.verifyPackage(b(document), {trust}, () => {{}})"
    assert judge(workbench, "verify", call, [spelled(document) for document in documents]) == expected
