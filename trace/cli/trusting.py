"""Whom a command that checks from outside trusts: ``--policy FILE`` or ``--key VKEY|FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from ..errors import Reason, Refused
from .files import read_file

if TYPE_CHECKING:
    from ..ledger.policy import Policy

ONE = Reason("policy.choice", "--policy 与 --key 须恰好给出一个", "give exactly one of --policy and --key")

POLICY: Final[Any] = typer.Option(
    "--policy",
    metavar="FILE",
    help="信任策略（C2SP tlog-policy），从别处得来 / trust policy, known from elsewhere",
)
KEY: Final[Any] = typer.Option(
    "--key",
    metavar="VKEY|FILE",
    help="日志公钥，从别处得来 / the log's key, known from elsewhere",
)


def read_policy(policy: Path | None, key: str | None) -> Policy:
    """
    Return the policy in the file *policy*, or the one that accepts the log keys in *key* and asks for no witness.

    Args:
        policy: a file in tlog-policy syntax.
        key: a vkey, or a file with one vkey a line.

    Raises:
        Refused: ``policy.choice`` unless exactly one is given; no policy, no keys.
        Missing, Unavailable: the file.
    """
    from ..ledger.policy import parse_policy, policy_of_keys
    from ..verify.entry import read_log_keys

    if policy is not None and key is None:
        return parse_policy(read_file(policy))
    if key is None or policy is not None:
        raise Refused(ONE.at())
    is_text = "+" in key and not Path(key).is_file()
    text = key if is_text else read_file(Path(key)).decode("utf-8", "replace")
    return policy_of_keys(read_log_keys(text))
