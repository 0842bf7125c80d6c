"""What anybody may read: codes, batches, entries, proofs, checkpoints. Each route asks the window one question."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Path, Query, Response

from ..errors import Missing
from ..ledger.entry import parse_entry
from ..ledger.radix64 import format_base64
from ..ledger.statement import parse_statement
from ..ledger.store import StoredCheckpoint, StoredEntry
from ..ledger.tlogproof import format_proof
from ..publish.window import NO_CODE, Trace, Window
from ..qr.code import CodeMistyped
from ..verify.bundle import format_bundle
from .problems import documented
from .wire_goods import BatchOut, CodeOut, EdgeOut, NodeOut, TraceOut
from .wire_proofs import CheckpointOut, CheckpointsOut, EntryOut, GrowthOut, InclusionOut, LinkOut

MOST: Final = 2**53 - 1
FRESH: Final = "public, max-age=10"
FOREVER: Final = "public, max-age=31536000, immutable"
BYTES: Final = "application/octet-stream"

Index = Annotated[int, Path(ge=0, le=MOST)]
Code = Annotated[str, Path(max_length=200, description="twenty characters; any case, spaces and hyphens")]
BatchId = Annotated[str, Path(max_length=20, pattern=r"^[0-9A-Za-z]+\z")]
PROOF: Final[dict[str, Any]] = {
    "content": {"application/json": {"schema": {"type": "object"}}},
    "description": "a proof document, as `suyuan verify` takes it",
}


OFFLINE: Final[dict[str, Any]] = {
    "content": {"text/plain": {"schema": {"type": "string"}}},
    "description": "a C2SP tlog-proof; its extra data is the entry",
}


def build_reads(window: Window) -> APIRouter:
    """Return the routes that read the log through *window*."""
    router = APIRouter(prefix="/api/v1")
    _add_codes(router, window)
    _add_batches(router, window)
    _add_entries(router, window)
    _add_checkpoints(router, window)
    return router


def _add_codes(router: APIRouter, window: Window) -> None:
    @router.get("/codes/{code}", tags=["codes"], responses=documented("code.mistyped", "missing"))
    def get_code(code: Code, response: Response) -> CodeOut:
        """
        Return the verdict on a package code, with product and history.

        Void, recalled and held packages exist: they are answered with 200 and say so in ``state``.
        """
        verdict = window.look_up(code)
        if verdict.state == "mistyped":
            raise CodeMistyped(verdict.problems)
        if verdict.state == "unknown":
            raise Missing(NO_CODE.at("/code"))
        response.headers["Cache-Control"] = FRESH
        return CodeOut.model_validate(verdict)

    @router.get(
        "/codes/{code}/proof",
        tags=["codes"],
        responses={**documented("code.mistyped", "missing"), 200: PROOF},
        response_class=Response,
    )
    def get_code_proof(code: Code) -> Response:
        """Return what a stranger needs to check one package offline; 503 until its run is under a checkpoint."""
        bundle = window.package_bundle(code)
        return _document(format_bundle(bundle), f"suyuan-{bundle.code}.json")


def _add_batches(router: APIRouter, window: Window) -> None:
    @router.get("/batches/{id}", tags=["batches"], responses=documented("malformed", "missing"))
    def get_batch(id: BatchId, response: Response) -> BatchOut:
        """Return a batch with its origins, tests, blocks and history."""
        response.headers["Cache-Control"] = FRESH
        return BatchOut.model_validate(window.batch(id))

    @router.get("/batches/{id}/trace", tags=["batches"], responses=documented("malformed", "missing"))
    def get_batch_trace(
        id: BatchId, response: Response, direction: Literal["back", "forward"] = "back"
    ) -> TraceOut:
        """Return everything that a batch came from, or that was made of it, with amounts on the edges."""
        response.headers["Cache-Control"] = FRESH
        return _trace(window.trace(id, direction))


def _add_entries(router: APIRouter, window: Window) -> None:
    @router.get(
        "/entries/{index}",
        tags=["entries"],
        response_model=EntryOut,
        responses={**documented("malformed", "missing"), 200: {"content": {BYTES: {}}}},
    )
    def get_entry(
        index: Index,
        raw: Annotated[str | None, Query(description="present: the bytes alone")] = None,
        accept: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """Return an entry as JSON, or its very bytes with ``?raw`` or ``Accept: application/octet-stream``."""
        stored = window.entry(index)
        is_raw = raw is not None or BYTES in accept
        tag = f'"{stored.leaf.hex()}"' if is_raw else f'"{stored.leaf.hex()}-json"'
        headers = {"ETag": tag, "Cache-Control": FOREVER, "Vary": "Accept"}
        if tag in if_none_match or if_none_match.strip() == "*":
            return Response(status_code=304, headers=headers)
        if is_raw:
            return Response(stored.body, 200, headers, BYTES)
        return Response(_entry(stored).model_dump_json(), 200, headers, "application/json")

    @router.get(
        "/entries/{index}/proof",
        tags=["entries"],
        responses=documented("malformed", "missing", "size-beyond-log"),
    )
    def get_entry_proof(
        index: Index, size: Annotated[int | None, Query(ge=1, le=MOST)] = None
    ) -> InclusionOut:
        """Return the proof that an entry is among the first ``size``; the latest checkpoint's size without it."""
        found = window.inclusion(index, size)
        return InclusionOut(
            index=found.index,
            leaf=found.leaf.hex(),
            size=found.size,
            root=format_base64(found.root),
            hashes=[format_base64(one) for one in found.hashes],
        )

    @router.get(
        "/entries/{index}/bundle",
        tags=["entries"],
        responses={**documented("malformed", "missing"), 200: PROOF},
        response_class=Response,
    )
    def get_entry_bundle(index: Index) -> Response:
        """Return what a stranger needs to check one entry and its signer offline."""
        return _document(format_bundle(window.entry_bundle(index)), f"suyuan-entry-{index}.json")

    @router.get(
        "/entries/{index}/tlog-proof",
        tags=["entries"],
        responses={**documented("malformed", "missing"), 200: OFFLINE},
        response_class=Response,
    )
    def get_entry_tlog_proof(index: Index) -> Response:
        """Return the offline proof of one entry as tools for transparency logs read it."""
        text = format_proof(window.offline_proof(index))
        return _document(text.encode(), f"suyuan-entry-{index}.tlog-proof", "text/plain; charset=utf-8")


def _add_checkpoints(router: APIRouter, window: Window) -> None:
    @router.get(
        "/consistency",
        tags=["checkpoints"],
        responses=documented("malformed", "refused", "size-beyond-log"),
    )
    def get_consistency(
        old: Annotated[int, Query(ge=1, le=MOST)], new: Annotated[int, Query(ge=1, le=MOST)]
    ) -> GrowthOut:
        """Return the proof that the log at size ``old`` begins the log at size ``new``."""
        found = window.growth(old, new)
        return GrowthOut(
            old=found.old,
            old_root=format_base64(found.old_root),
            new=found.new,
            new_root=format_base64(found.new_root),
            hashes=[format_base64(one) for one in found.hashes],
        )

    @router.get("/checkpoints/latest", tags=["checkpoints"], responses=documented("missing"))
    def get_latest_checkpoint(response: Response) -> CheckpointOut:
        """Return the latest signed checkpoint."""
        response.headers["Cache-Control"] = "no-cache"
        return _checkpoint(window.checkpoint())

    @router.get("/checkpoints/{size}", tags=["checkpoints"], responses=documented("malformed", "missing"))
    def get_checkpoint(size: Index, response: Response) -> CheckpointOut:
        """Return the checkpoint that was signed at ``size``."""
        found = window.checkpoint(size)
        response.headers["Cache-Control"] = FOREVER
        return _checkpoint(found)

    @router.get("/checkpoints", tags=["checkpoints"], responses=documented("malformed"))
    def get_checkpoints(
        before: Annotated[int | None, Query(ge=0, le=MOST)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> CheckpointsOut:
        """Return checkpoints, largest first, those below ``before``."""
        found = window.checkpoints(before, limit)
        following = found[-1].size if len(found) == limit else None
        return CheckpointsOut(checkpoints=[_checkpoint(one) for one in found], next=following)


def _document(content: bytes, name: str, media_type: str = "application/json") -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, 200, headers, media_type)


def _checkpoint(stored: StoredCheckpoint) -> CheckpointOut:
    return CheckpointOut(size=stored.size, root=format_base64(stored.root), note=stored.note)


def _entry(stored: StoredEntry) -> EntryOut:
    entry = parse_entry(stored.body)
    return EntryOut(
        log=entry.log,
        index=entry.index,
        leaf=stored.leaf.hex(),
        prev=entry.prev.hex(),
        at=entry.at,
        chains=[LinkOut(id=link.id, seq=link.seq, prev=link.prev.hex()) for link in entry.chains],
        statement=entry.statement,
        event=parse_statement(entry.statement).payload,
        body=format_base64(stored.body),
    )


def _trace(found: Trace) -> TraceOut:
    nodes = []
    for node in found.lineage.nodes:
        batch, product = node.batch, found.products[node.batch.product]
        nodes.append(
            NodeOut(
                id=batch.id,
                ref=batch.ref,
                depth=node.depth,
                how=batch.how,
                product=product.name,
                unit=product.unit,
                made=batch.made,
                maker=batch.maker,
                day=batch.day,
                blocked=bool(batch.recalls or batch.holds),
            )
        )
    edges = [EdgeOut.model_validate(edge) for edge in found.lineage.edges]
    return TraceOut(root=found.root, direction=found.direction, batches=nodes, edges=edges)
