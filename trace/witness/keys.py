"""
The keys of a witness: one name, an Ed25519 key (0x04) and an ML-DSA-44 key (0x06), each of a seed of its own.

They stand in ``DIR/witness.key`` (0600), one line each: name, kind and seed. Example with cut seeds::

    PRIVATE+KEY+bureau.example/w1+5d3c8f01+BAtq...
    PRIVATE+KEY+bureau.example/w1+9b20aa17+BkH3...

The form is that of Go's note signer keys: name, key ID, base64 of kind (one byte) and seed. The file is locked as any
other key file (``vault.locked``), or plain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..durable import make_folder, write_file
from ..errors import Broken, Conflict, Missing, Reason, Refused
from ..ledger.cosignature import COSIGNATURE, MLDSA, Cosigner
from ..ledger.radix64 import format_base64, parse_base64
from ..vault.keyfile import read_tight
from ..vault.locked import NOTE_KEYS, FindLock, Lock, is_locked, lock_bytes, unlock_bytes

FILE: Final = "witness.key"
SEED_BYTES: Final = 32

THERE: Final = Reason(
    "witness.there",
    "{folder} 已有见证密钥，不会覆盖",
    "{folder} has the keys of a witness already; they are kept",
)
NO_KEYS: Final = Reason(
    "witness.no-keys",
    "{folder} 里没有见证密钥，请先运行 suyuan witness init",
    "{folder} has no keys of a witness: run suyuan witness init first",
)

_HEAD: Final = "PRIVATE+KEY"


@dataclass(frozen=True, slots=True)
class WitnessKeys:
    """What a witness signs with, always and where it is switched on."""

    ed25519: Cosigner
    mldsa: Cosigner

    @property
    def name(self) -> str:
        """The name in its signature lines."""
        return self.ed25519.name


def create_keys(
    folder: Path, name: str, random: Callable[[int], bytes], lock: Lock | None = None
) -> WitnessKeys:
    """
    Make the keys of a new witness called *name* in *folder*, which is made where it is absent.

    Args:
        name: a URL without scheme that tells this witness from all others, such as ``bureau.example/w1``.
        random: a source of bytes in the shape of ``os.urandom``.
        lock: what opens the file; without it, it is plain.

    Raises:
        Conflict: there are keys already.
        Refused: *name* can't name a key, or ``lock.short``.
        Unavailable: the file can't be written.
    """
    keys = WitnessKeys(
        Cosigner(name, random(SEED_BYTES), COSIGNATURE), Cosigner(name, random(SEED_BYTES), MLDSA)
    )
    data = _format(keys).encode()
    if lock is not None:
        data = lock_bytes(data, lock, random, NOTE_KEYS)
    make_folder(folder)
    try:
        write_file(folder / FILE, data, replace=False, mode=0o600)
    except FileExistsError:
        raise Conflict(THERE.at(folder=str(folder))) from None
    return keys


def read_keys(folder: Path, find_lock: FindLock) -> WitnessKeys:
    """
    Return the keys of the witness in *folder*.

    Raises:
        Missing: it has none; or as *find_lock* does, where the file is locked.
        Refused: others may read the file, or it does not open.
        Broken: the file is damaged.
        Unavailable: it may not be read.
    """
    path = folder / FILE
    if not path.exists():
        raise Missing(NO_KEYS.at(folder=str(folder)))
    data = read_tight(path)
    if is_locked(data):
        data = unlock_bytes(data, str(path), find_lock)
    try:
        return _parse(data.decode())
    except (Refused, ValueError) as error:
        raise Broken(f"{FILE} is damaged") from error


def _format(keys: WitnessKeys) -> str:
    lines = (
        f"{_HEAD}+{one.name}+{one.key_id.hex()}+{format_base64(one.kind + one.seed)}\n"
        for one in (keys.ed25519, keys.mldsa)
    )
    return "".join(lines)


def _parse(text: str) -> WitnessKeys:
    first, second = (_parse_line(line) for line in text.removesuffix("\n").split("\n"))
    keys = WitnessKeys(first, second)
    if (
        _format(keys) != text
        or (first.kind, second.kind) != (COSIGNATURE, MLDSA)
        or first.name != second.name
    ):
        raise ValueError("not what was written")
    return keys


def _parse_line(line: str) -> Cosigner:
    _, _, name, _, spelled = line.split("+", 4)
    data = parse_base64(spelled)
    return Cosigner(name, data[1:], data[:1])
