"""Rules of the log itself: its opening, and the keys of its checkpoints that come and go."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from . import events as ev
from . import reasons
from .book import Book, Draft, RecordKey
from .log_key import CheckpointKey
from .records import Key, LogState, Party
from .registry import check_new, check_new_key, kid_of
from .rights import LOG, Signed


def touch_log_opened(event: ev.LogOpened, book: Book) -> Iterator[RecordKey]:
    """Yield the founding supervisors and their keys."""
    yield Key, kid_of(event.receipt_key)
    for supervisor in event.supervisors:
        yield Party, supervisor.party
        yield Key, kid_of(supervisor.jwk)


def apply_log_opened(signed: Signed, event: ev.LogOpened, draft: Draft) -> None:
    """Open the log: only as entry 0, signed by the receipt key that it names."""
    receipt_kid = kid_of(event.receipt_key)
    if draft.find(LogState, "log") is not None or signed.index != 0:
        draft.refuse(reasons.LOG_AGAIN.at())
    if signed.kid != receipt_kid or event.by != LOG:
        draft.refuse(reasons.KEY_FOREIGN.at("/by", by=event.by))
    draft.put(
        LogState(
            id=LOG,
            log=event.log,
            address=event.address,
            demo=event.demo,
            receipt_kid=receipt_kid,
            checkpoint_keys=(CheckpointKey(vkey=event.checkpoint_key, since=0),),
        ),
        Key(id=receipt_kid, party=LOG, x=event.receipt_key.x, custody="service", since=0),
    )
    for number, supervisor in enumerate(event.supervisors):
        kid = kid_of(supervisor.jwk)
        check_new(draft, Party, supervisor.party, f"/supervisors/{number}/party")
        check_new_key(draft, kid, f"/supervisors/{number}/jwk")
        draft.put(
            Party(id=supervisor.party, roles=("supervisor",), name=supervisor.name, registered=0),
            Key(id=kid, party=supervisor.party, x=supervisor.jwk.x, custody=supervisor.custody, since=0),
        )


def touch_log_rekeyed(event: ev.LogRekeyed, book: Book) -> Iterator[RecordKey]:
    """Yield nothing: the log's record is loaded for each signer."""
    yield from ()


def apply_log_rekeyed(signed: Signed, event: ev.LogRekeyed, draft: Draft) -> None:
    """The log announces a key of its checkpoints, or that one signs no more."""
    log = draft.find(LogState, LOG)
    if log is None:
        return  # refused where the signer was checked
    keys = {key.vkey: key for key in log.checkpoint_keys}
    if bool(event.added) == bool(event.retired) or (event.retired and event.replaces):
        draft.refuse(reasons.LOG_KEY_ONE.at("/added"))
    elif event.added:
        _add(signed, event, keys, draft)
    else:
        _retire(signed, event, keys, draft)
    if event.ends and not event.replaces:
        draft.refuse(reasons.LOG_KEY_ENDS.at("/ends"))
    draft.put(replace(log, checkpoint_keys=tuple(keys.values())))


def _add(signed: Signed, event: ev.LogRekeyed, keys: dict[str, CheckpointKey], draft: Draft) -> None:
    if event.added in keys:
        draft.refuse(reasons.LOG_KEY_KNOWN.at("/added"))
    extra = True
    if event.replaces:
        old = keys.get(event.replaces)
        if old is None or old.until >= 0:
            draft.refuse(reasons.LOG_KEY_UNUSED.at("/replaces"))
            return
        keys[old.vkey] = replace(old, ends=event.ends)
        extra = old.extra
    keys[event.added] = CheckpointKey(vkey=event.added, since=signed.index, extra=extra)


def _retire(signed: Signed, event: ev.LogRekeyed, keys: dict[str, CheckpointKey], draft: Draft) -> None:
    old = keys.get(event.retired)
    if old is None or old.until >= 0:
        draft.refuse(reasons.LOG_KEY_UNUSED.at("/retired"))
        return
    keys[old.vkey] = replace(old, until=signed.index)
    if not any(key.until < 0 and not key.extra for key in keys.values()):
        draft.refuse(reasons.LOG_KEY_LAST.at("/retired"))
