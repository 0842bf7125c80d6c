"""Trust policies: read strictly, written plainly, evaluated as the standard says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import NoteWrong, Refused
from suyuan.ledger.checkpoint import Checkpoint, format_checkpoint
from suyuan.ledger.cosignature import MLDSA, Cosigner, CosignerKey, cosign_checkpoint
from suyuan.ledger.hashing import leaf_hash
from suyuan.ledger.note import NoteSignature, Signer, Verifier, add_signatures, sign_note
from suyuan.ledger.policy import (
    NONE,
    Cosigned,
    Policy,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    check_quorum,
    format_policy,
    open_policed,
    parse_policy,
    policy_of_keys,
)
from tests.keys import seed
from tests.ledger.damage import damaged_text

ORIGIN = "example.com/log"
LOG = Signer(ORIGIN, seed("log"))
NEXT = Signer(ORIGIN, seed("next"))
MLDSA_LOG = Cosigner(ORIGIN, seed("mldsa log"), MLDSA)
NAMES = [f"{letter}{number}" for letter in "XY" for number in (1, 2, 3)]
WITNESSES = {name: Cosigner(f"{name}.example/w", seed(f"witness {name}")) for name in NAMES}
CHECKPOINT = Checkpoint(ORIGIN, 7, leaf_hash(b"root"))
TEXT = format_checkpoint(CHECKPOINT)
TIME = 1790000000

EXAMPLE = f"""# The example of the standard, with white space that it allows.
log {LOG.vkey}

witness X1 {WITNESSES["X1"].vkey}
witness X2\t{WITNESSES["X2"].vkey}  https://x2.example/
 witness X3 {WITNESSES["X3"].vkey}
group X-witnesses 2 X1 X2 X3
\t# 第二组
witness Y1 {WITNESSES["Y1"].vkey}
witness Y2 {WITNESSES["Y2"].vkey}
witness Y3 {WITNESSES["Y3"].vkey}\t
group Y-witnesses any Y1 Y2 Y3
\x20
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
POLICY = parse_policy(EXAMPLE)


def wrong(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.problems[0].code


def note_of(*names: str, time: int = TIME) -> str:
    """Return the checkpoint, signed by the log and cosigned by the witnesses called *names*."""
    return cosign_checkpoint(CHECKPOINT, [LOG, *(WITNESSES[name] for name in names)], time)


def test_the_example_of_the_standard_is_read() -> None:
    assert POLICY.logs == (PolicyLog(LOG.verifier),)
    assert [one.name for one in POLICY.witnesses] == NAMES
    assert POLICY.witnesses[1] == PolicyWitness("X2", WITNESSES["X2"].key, "https://x2.example/")
    assert POLICY.groups == (
        PolicyGroup("X-witnesses", 2, ("X1", "X2", "X3")),
        PolicyGroup("Y-witnesses", 1, ("Y1", "Y2", "Y3")),
        PolicyGroup("X-and-Y", 2, ("X-witnesses", "Y-witnesses")),
    )
    assert POLICY.quorum == "X-and-Y"
    assert parse_policy(EXAMPLE.encode()) == POLICY


def test_a_policy_is_written_plainly() -> None:
    lines = [
        f"log {LOG.vkey}",
        f"witness X1 {WITNESSES['X1'].vkey}",
        f"witness X2 {WITNESSES['X2'].vkey} https://x2.example/",
        *(f"witness {name} {WITNESSES[name].vkey}" for name in NAMES[2:]),
        "group X-witnesses 2 X1 X2 X3",
        "group Y-witnesses any Y1 Y2 Y3",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
    ]
    assert format_policy(POLICY) == "".join(f"{line}\n" for line in lines)


KEYS = [WITNESSES[name].key for name in NAMES]
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=" "), min_size=1, max_size=8
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    names = draw(st.lists(WORDS.filter(lambda word: word != NONE), min_size=1, max_size=10, unique=True))
    count = draw(st.integers(1, min(len(names), len(KEYS))))
    urls = draw(st.lists(WORDS | st.just(""), min_size=count + 2, max_size=count + 2))
    witnesses = tuple(PolicyWitness(*three) for three in zip(names, KEYS, urls, strict=False))[:count]
    free, groups = list(names[:count]), []
    for name in names[count:]:
        if free:
            members = tuple(draw(st.lists(st.sampled_from(free), min_size=1, unique=True)))
            groups.append(PolicyGroup(name, draw(st.integers(1, len(members))), members))
            free = [*(one for one in free if one not in members), name]
    key = draw(st.sampled_from([LOG.verifier, MLDSA_LOG.key, None]))
    logs = (PolicyLog(key, urls[-1]),) if key else ()
    defined = [NONE, *names[:count], *(group.name for group in groups)]
    return Policy(logs, witnesses, tuple(groups), draw(st.sampled_from(defined)))


@given(policies())
@settings(deadline=None)
def test_any_policy_is_read_back(policy: Policy) -> None:
    assert parse_policy(format_policy(policy)) == policy


def has_witnessed(policy: Policy, name: str, cosigned: set[str]) -> bool:
    """Return whether *name* has witnessed, word for word as the standard says it."""
    for group in policy.groups:
        if group.name == name:
            met = [member for member in group.members if has_witnessed(policy, member, cosigned)]
            return len(met) >= group.threshold
    return name in cosigned


@given(policies(), st.data())
@settings(deadline=None)
def test_the_quorum_is_what_the_standard_says(policy: Policy, data: st.DataObject) -> None:
    cosigned = set(data.draw(st.lists(st.sampled_from([one.name for one in policy.witnesses]))))
    if policy.quorum == NONE or has_witnessed(policy, policy.quorum, cosigned):
        check_quorum(policy, cosigned)
    else:
        assert wrong(check_quorum, policy, cosigned) == "policy.quorum"


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (("X1", "X2", "Y1"), 0, 0),
        (("X1", "X2", "X3", "Y1", "Y2", "Y3"), 0, 0),
        (("X2", "X3", "Y3"), 0, 0),
        (("X1", "Y1"), 2, 1),
        (("X1", "X2", "X3"), 2, 1),
        (("Y1", "Y2", "Y3"), 2, 1),
        (("X1",), 2, 0),
        ((), 2, 0),
    ],
)
def test_a_checkpoint_needs_the_quorum(names: tuple[str, ...], wanted: int, found: int) -> None:
    note = note_of(*names)
    if not wanted:
        policed = open_policed(note, POLICY, ORIGIN)
        assert (policed.checkpoint, policed.log_key) == (CHECKPOINT, LOG.verifier)
        assert policed.cosignatures == tuple(
            Cosigned(name, TIME, WITNESSES[name].key) for name in NAMES if name in names
        )
        return
    with pytest.raises(NoteWrong) as caught:
        open_policed(note, POLICY)
    (problem,) = caught.value.problems
    assert problem.code == "policy.quorum"
    assert problem.values == {"name": "X-and-Y", "wanted": wanted, "found": found}


def test_one_witness_may_be_the_quorum() -> None:
    alone = replace(POLICY, groups=(), quorum="X2")
    assert open_policed(note_of("X2"), alone).cosignatures[0].name == "X2"
    with pytest.raises(NoteWrong) as caught:
        open_policed(note_of("X1"), alone)
    assert caught.value.problems[0].values == {"name": "X2", "wanted": 1, "found": 0}


def test_a_witness_counts_once_with_its_latest_time() -> None:
    two = replace(POLICY, groups=(PolicyGroup("two", 2, ("X1", "X2")),), quorum="two")
    twice = add_signatures(note_of("X1"), [WITNESSES["X1"].cosign(TEXT, TIME + at) for at in (9, 5)])
    assert wrong(open_policed, twice, two) == "policy.quorum"
    (cosigned,) = open_policed(twice, replace(two, quorum=NONE)).cosignatures
    assert cosigned == Cosigned("X1", TIME + 9, WITNESSES["X1"].key)


def test_without_a_quorum_known_cosignatures_are_told_all_the_same() -> None:
    open_to_all = replace(POLICY, quorum=NONE)
    assert open_policed(note_of(), open_to_all).cosignatures == ()
    assert [one.name for one in open_policed(note_of("Y2"), open_to_all).cosignatures] == ["Y2"]


def test_a_known_witness_that_signed_wrongly_spoils_the_note_even_beyond_the_quorum() -> None:
    other = WITNESSES["Y2"].cosign(format_checkpoint(replace(CHECKPOINT, size=8)), TIME)
    note = add_signatures(note_of("X1", "X2", "Y1"), [other])
    assert wrong(open_policed, note, POLICY) == "note.signature"


def test_an_ed25519_cosignature_under_another_name_does_not_count_again() -> None:
    two = replace(POLICY, groups=(PolicyGroup("two", 2, ("X1", "X2")),), quorum="two")
    made = WITNESSES["X1"].cosign(TEXT, TIME)
    posing = NoteSignature(WITNESSES["X2"].name, WITNESSES["X2"].key_id, made.signature)
    assert wrong(open_policed, add_signatures(note_of("X1"), [posing]), two) == "note.signature"
    twin = CosignerKey("X2.example/w", WITNESSES["X1"].key.public)
    same = (PolicyWitness("X1", WITNESSES["X1"].key), PolicyWitness("X2", twin))
    assert wrong(lambda: replace(two, witnesses=same)) == "policy.key-twice"


@pytest.mark.parametrize("signer", [LOG, NEXT])
def test_either_key_of_a_log_that_changes_its_key_is_enough(signer: Signer) -> None:
    policy = policy_of_keys([LOG.verifier, NEXT.verifier])
    assert open_policed(sign_note(TEXT, [signer]), policy, ORIGIN).log_key == signer.verifier
    assert open_policed(sign_note(TEXT, [LOG, NEXT]), policy).log_key == LOG.verifier


def test_the_mldsa_key_of_a_log_is_enough() -> None:
    note = cosign_checkpoint(CHECKPOINT, [LOG, MLDSA_LOG], TIME)
    assert open_policed(note, policy_of_keys([MLDSA_LOG.key])).log_key == MLDSA_LOG.key


def test_a_log_speaks_for_its_own_origin_only() -> None:
    other = Signer("example.com/other", seed("other"))
    note = sign_note(TEXT, [other])
    assert wrong(open_policed, note, policy_of_keys([other.verifier])) == "note.untrusted"
    assert wrong(open_policed, note, policy_of_keys([other.verifier, LOG.verifier])) == "note.untrusted"
    foreign = sign_note(TEXT.replace(ORIGIN, other.name), [other])
    both = policy_of_keys([other.verifier, LOG.verifier])
    assert open_policed(foreign, both).checkpoint.origin == other.name
    assert wrong(open_policed, foreign, both, ORIGIN) == "checkpoint.origin"


def test_witnesses_without_the_log_are_not_enough() -> None:
    lines = [WITNESSES[name].cosign(TEXT, TIME) for name in NAMES]
    unsigned = sign_note(TEXT, [NEXT])
    assert wrong(open_policed, add_signatures(unsigned, lines), POLICY) == "note.untrusted"
    assert wrong(open_policed, unsigned, POLICY) == "note.untrusted"
    assert wrong(open_policed, note_of(*NAMES), Policy()) == "note.untrusted"


def test_what_is_signed_must_be_a_checkpoint() -> None:
    assert (
        wrong(open_policed, sign_note(TEXT + "extension\n", [LOG]), policy_of_keys([LOG.verifier]))
        == "checkpoint.form"
    )


def test_every_damage_to_a_checkpoint_that_just_meets_the_quorum_is_refused() -> None:
    note = note_of("X1", "X2", "Y1")
    for bad in damaged_text(note):
        with pytest.raises(Refused):
            open_policed(bad, POLICY)


W = WITNESSES["X1"].vkey
L = LOG.vkey


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "policy.form"),
        ("quorum none", "policy.form"),
        ("quorum none\r\n", "policy.form"),
        ("quorum none\n\x00\n", "policy.form"),
        ("# \x7f\nquorum none\n", "policy.form"),
        ("quorum none\x0b\n", "policy.form"),
        ("#" * 1_000_001 + "\n", "policy.form"),
        ("\n", "policy.end"),
        (f"log {L}\n", "policy.end"),
        ("quorum none\nquorum none\n", "policy.end"),
        ("quorum\n", "policy.line"),
        ("quorum none none\n", "policy.line"),
        ("Quorum none\n", "policy.line"),
        ("quorum\u3000none\n", "policy.line"),
        ("\ufeffquorum none\n", "policy.line"),
        ("quorum none # why\n", "policy.line"),
        ("include other\nquorum none\n", "policy.line"),
        ("log\nquorum none\n", "policy.line"),
        (f"log {L} https://a https://b\nquorum none\n", "policy.line"),
        (f"log log1 {L}\nquorum none\n", "note.vkey"),
        (f"log {L}x\nquorum none\n", "note.vkey"),
        (f"log {L}\nlog {L}\nquorum none\n", "policy.key-twice"),
        (f"log {W}\nquorum none\n", "policy.kind"),
        ("witness W\nquorum none\n", "policy.line"),
        (f"witness {W}\nquorum none\n", "policy.line"),
        (f"witness W {W} https://a b\nquorum none\n", "policy.line"),
        (f"witness W {L}\nquorum none\n", "policy.kind"),
        (f"witness none {W}\nquorum none\n", "policy.name"),
        (f"witness W {W}\nwitness V {W}\nquorum none\n", "policy.key-twice"),
        (f"witness W {W}\nwitness W {WITNESSES['X2'].vkey}\nquorum none\n", "policy.name-twice"),
        (f"witness W {W}\ngroup W any W\nquorum none\n", "policy.name-twice"),
        (f"witness W {W}\ngroup none any W\nquorum none\n", "policy.name"),
        (f"witness W {W}\ngroup G\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G any\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G 01 W\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G +1 W\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G \u0661 W\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G ANY W\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G W W\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G 0 W\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G 2 W\nquorum none\n", "policy.threshold"),
        (f"witness W {W}\ngroup G {'9' * 5000} W\nquorum none\n", "policy.line"),
        (f"witness W {W}\ngroup G any W W\nquorum none\n", "policy.member-twice"),
        (f"witness W {W}\ngroup G any W\ngroup H any W\nquorum none\n", "policy.member-twice"),
        (f"witness W {W}\ngroup G any G\nquorum none\n", "policy.unknown"),
        (f"witness W {W}\ngroup G any none\nquorum none\n", "policy.unknown"),
        (f"group G any W\nwitness W {W}\nquorum none\n", "policy.unknown"),
        (f"witness W {W}\nquorum w\n", "policy.unknown"),
        (f"quorum W\nwitness W {W}\n", "policy.unknown"),
        (b"quorum \xff\n", "policy.line"),
        (b"\xffquorum none\n", "policy.line"),
        ("quorum \ud800\n", "policy.line"),
    ],
)  # fmt: skip
def test_any_other_text_is_refused(text: str | bytes, code: str) -> None:
    assert wrong(parse_policy, text) == code


def test_comments_may_be_in_any_encoding() -> None:
    assert parse_policy("# 我们的策略\nquorum none\n".encode("gbk")) == Policy()


def test_a_name_may_be_anything_without_white_space() -> None:
    text = f"witness 质监局 {W}\ngroup any any 质监局\ngroup #1 all any\nquorum #1\n"
    policy = parse_policy(text)
    assert policy.quorum == "#1"
    assert format_policy(policy) == text.replace("any any", "any all")


def test_lines_may_follow_the_quorum() -> None:
    assert parse_policy(f"quorum none\nlog {L}\n") == policy_of_keys([LOG.verifier])


def test_two_thousand_groups_inside_each_other_are_evaluated() -> None:
    groups = "".join(f"group G{number + 1} all G{number}\n" for number in range(2000))
    policy = parse_policy(f"log {L}\nwitness G0 {W}\n{groups}quorum G2000\n")
    open_policed(note_of("X1"), policy)
    assert wrong(open_policed, note_of(), policy) == "policy.quorum"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"logs": (PolicyLog(LOG.verifier, "two words"),)}, "policy.url"),
        ({"logs": (PolicyLog(Verifier("b", LOG.verifier.public)), PolicyLog(LOG.verifier))}, "policy.key-twice"),
        ({"logs": (PolicyLog(Verifier("a", WITNESSES["X1"].key.public)),)}, "policy.key-twice"),
        ({"witnesses": (PolicyWitness("", WITNESSES["X1"].key),)}, "policy.name"),
        ({"witnesses": (PolicyWitness("a\tb", WITNESSES["X1"].key),)}, "policy.name"),
        ({"witnesses": (PolicyWitness("\ud800", WITNESSES["X1"].key),)}, "policy.name"),
        ({"groups": (PolicyGroup("g", 0, ("X1",)),), "quorum": "g"}, "policy.threshold"),
        ({"groups": (PolicyGroup("g", 1, ()),), "quorum": "g"}, "policy.threshold"),
        ({"groups": POLICY.groups[::-1]}, "policy.unknown"),
        ({"quorum": "X9"}, "policy.unknown"),
        ({"quorum": ""}, "policy.unknown"),
    ],
)  # fmt: skip
def test_a_policy_that_can_not_be_is_not_made(changes: dict[str, object], code: str) -> None:
    assert wrong(lambda: replace(POLICY, **changes)) == code  # type: ignore[arg-type]


ITEMS = st.sampled_from(
    ["log", "witness", "group", "quorum", "none", "all", "any", "1", "2", "A", "B", L, W, "#", "\u3000"]
)


@given(st.lists(st.lists(ITEMS | WORDS, max_size=5).map(" ".join), max_size=6) | st.just([]))
@settings(deadline=None, max_examples=300)
def test_whatever_is_read_means_what_is_written_from_it(lines: list[str]) -> None:
    try:
        policy = parse_policy("".join(f"{line}\n" for line in lines) + "quorum none\n")
    except NoteWrong:
        return
    assert parse_policy(format_policy(policy)) == policy


@given(st.binary(max_size=60) | st.text(max_size=60))
@settings(deadline=None)
def test_nothing_but_a_policy_is_read_from_junk(junk: str | bytes) -> None:
    try:
        policy = parse_policy(junk)
    except NoteWrong:
        return
    assert policy == Policy()
