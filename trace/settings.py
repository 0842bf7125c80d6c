"""
What the operator sets: environment variables, the only reader of which is here.

``Settings`` says where and how this process runs; what a data folder holds is in ``folder``. Secrets never show in
``repr``.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from .durable import make_folder, reported, write_file
from .errors import Language, Missing, Reason, Refused
from .folder import FOLDER_FILE, Folder, read_folder, write_folder

__all__ = [
    "FOLDER_FILE",
    "BucketAccess",
    "Folder",
    "Secrets",
    "Settings",
    "WitnessWait",
    "create_master_key",
    "find_master_key",
    "load_settings",
    "read_folder",
    "write_folder",
]

MASTER_KEY_SIZE = 32

VALUE = Reason(
    "settings.value", "环境变量 {name} 的值不对：{detail}", "the variable {name} is not right: {detail}"
)
NO_MASTER_KEY = Reason(
    "settings.no-master-key",
    "找不到主密钥：请设置 SUYUAN_MASTER_KEY 或 SUYUAN_MASTER_KEY_FILE，或放回文件 {file}",
    "no master key: set SUYUAN_MASTER_KEY or SUYUAN_MASTER_KEY_FILE, or put the file {file} back",
)
BAD_MASTER_KEY = Reason(
    "settings.master-key",
    "主密钥应为 32 字节的 base64（来自 {origin}）",
    "the master key must be 32 bytes in base64 (from {origin})",
)


WitnessWait = Literal["publish", "quorum"]
"""Whether a checkpoint is published without the quorum of its witnesses, or waits for it."""


def parse_database_url(url: str) -> str:
    """
    Return *url*, of SQLite or PostgreSQL, in the one spelling that the engines take.

    Raises:
        ValueError: another kind of database.
    """
    if not url.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://", "postgres://")):
        raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme.startswith("postgres") else url


def _web_address(address: str) -> str:
    if not address.startswith(("http://", "https://")):
        raise ValueError("must start with https:// or http://")
    return address.rstrip("/")


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SUYUAN_", env_ignore_empty=True, hide_input_in_errors=True)

    data: Path = Path("data")
    database_url: SecretStr | None = None
    master_key: SecretStr | None = None
    master_key_file: Path | None = None
    passphrase: SecretStr | None = None
    passphrase_file: Path | None = None
    new_passphrase: SecretStr | None = None
    new_passphrase_file: Path | None = None
    log_key: SecretStr | None = None
    log_key_file: str = ""
    address: Annotated[str, AfterValidator(_web_address)] | None = None
    language: Language = "zh"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    queue_limit: Annotated[int, Field(ge=1, le=1_000_000)] = 2048
    group_limit: Annotated[int, Field(ge=1, le=4096)] = 256
    group_wait_ms: Annotated[int, Field(ge=0, le=1000)] = 10
    request_limit_bytes: Annotated[int, Field(ge=65_536, le=1 << 30)] = 16 << 20
    publish_to: str | None = None
    witnesses: Path | None = None
    witness_wait: WitnessWait = "publish"
    s3_endpoint: Annotated[str, AfterValidator(_web_address)] | None = None
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_path_style: bool = False
    s3_allow_http: bool = False


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """
    How buckets are reached: *endpoint* is empty for that of AWS, the keys are empty where the machine has a role.

    ``path_style`` writes ``https://endpoint/bucket`` instead of ``https://bucket.endpoint``; ``allow_http`` lets
    requests go unencrypted.
    """

    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    path_style: bool = False
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class Secrets:
    """
    What opens key files, what is to lock them anew, and keys of checkpoints: each as it is, or the file that holds it.

    ``log_key`` is the content of a key file; ``log_key_files`` are key files.
    """

    passphrase: str = field(default="", repr=False)
    passphrase_file: Path | None = None
    new_passphrase: str = field(default="", repr=False)
    new_passphrase_file: Path | None = None
    log_key: str = field(default="", repr=False)
    log_key_files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """
    Where and how this process runs.

    ``queue_limit`` is the most requests that wait for the writer, ``group_limit`` the most in one transaction,
    ``group_wait_ms`` how long a group waits for company, ``request_limit_bytes`` the largest body taken. ``address``
    is the public address of this process, where it differs from the folder's. ``publish_to`` is the folder or the
    ``s3://bucket/prefix`` to which the log is published, ``witnesses`` the file that names who is to cosign it.
    """

    data: Path
    database_url: str = field(repr=False)
    master_key: str | None = field(repr=False)
    master_key_file: Path
    address: str | None
    language: Language
    host: str
    port: int
    queue_limit: int
    group_limit: int
    group_wait_ms: int
    request_limit_bytes: int
    publish_to: str = ""
    witnesses: Path | None = None
    witness_wait: WitnessWait = "publish"
    bucket: BucketAccess = field(default_factory=BucketAccess)
    secrets: Secrets = field(default_factory=Secrets)

    @property
    def persons(self) -> Path:
        """The folder of the persons' keys, outside the database."""
        return self.data / "persons"


def load_settings(data: Path | None = None) -> Settings:
    """
    Read the environment (``SUYUAN_...``); *data* given on the command line wins over ``SUYUAN_DATA``.

    The data folder need not exist yet. The database is ``SUYUAN_DATABASE_URL``, else SQLite in the data folder.

    Raises:
        Refused: one problem for each variable that is not right, without its value.
    """
    try:
        given = _Environment()
        folder = (data or given.data).expanduser().absolute()
        url = given.database_url.get_secret_value() if given.database_url else ""
        database_url = parse_database_url(url) if url else f"sqlite:///{folder / 'suyuan.db'}"
    except ValidationError as error:
        problems = [
            (str(e["loc"][0]), e["msg"]) for e in error.errors(include_input=False, include_url=False)
        ]
        raise Refused(
            [VALUE.at(name=f"SUYUAN_{name.upper()}", detail=why) for name, why in problems]
        ) from None
    except ValueError as error:
        raise Refused(VALUE.at(name="SUYUAN_DATABASE_URL", detail=str(error))) from None
    return Settings(
        data=folder,
        database_url=database_url,
        master_key=given.master_key.get_secret_value() if given.master_key else None,
        master_key_file=given.master_key_file or folder / "master.key",
        address=given.address,
        language=given.language,
        host=given.host,
        port=given.port,
        queue_limit=given.queue_limit,
        group_limit=given.group_limit,
        group_wait_ms=given.group_wait_ms,
        request_limit_bytes=given.request_limit_bytes,
        publish_to=given.publish_to or str(folder / "public"),
        witnesses=given.witnesses,
        witness_wait=given.witness_wait,
        bucket=_bucket_access(given),
        secrets=_secrets(given),
    )


def _secrets(given: _Environment) -> Secrets:
    return Secrets(
        passphrase=_value(given.passphrase),
        passphrase_file=given.passphrase_file,
        new_passphrase=_value(given.new_passphrase),
        new_passphrase_file=given.new_passphrase_file,
        log_key=_value(given.log_key),
        log_key_files=tuple(Path(name) for name in given.log_key_file.split(os.pathsep) if name),
    )


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _bucket_access(given: _Environment) -> BucketAccess:
    return BucketAccess(
        endpoint=given.s3_endpoint or "",
        region=given.s3_region,
        access_key=_value(given.s3_access_key),
        secret_key=_value(given.s3_secret_key),
        path_style=given.s3_path_style,
        allow_http=given.s3_allow_http,
    )


def find_master_key(settings: Settings) -> bytes:
    """
    Return the master key, 32 bytes: ``SUYUAN_MASTER_KEY``, else the file.

    Raises:
        Missing: neither is there.
        Refused: it is not 32 bytes in base64.
        Unavailable: the file may not be read.
    """
    if settings.master_key is not None:
        return _decoded_key(settings.master_key, "SUYUAN_MASTER_KEY")
    path = settings.master_key_file
    with reported(path):
        try:
            text = path.read_text("ascii")
        except FileNotFoundError:
            raise Missing(NO_MASTER_KEY.at(file=str(path))) from None
        except UnicodeDecodeError:
            raise Refused(BAD_MASTER_KEY.at(origin=str(path))) from None
    return _decoded_key(text, str(path))


def _decoded_key(text: str, origin: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != MASTER_KEY_SIZE:
        raise Refused(BAD_MASTER_KEY.at(origin=origin))
    return key


def create_master_key(settings: Settings, random: Callable[[int], bytes]) -> Path | None:
    """
    Make the master key's file (0600) where no key was given and none is there; returns its path if it was made now.

    The caller tells the operator to keep a copy apart from the backups: with both in one place a thief has all, and
    without the key nobody opens a backup.

    Raises:
        Unavailable: the file can't be written.
    """
    if settings.master_key is not None or settings.master_key_file.exists():
        return None
    make_folder(settings.master_key_file.parent)
    text = base64.b64encode(random(MASTER_KEY_SIZE)) + b"\n"
    write_file(settings.master_key_file, text, replace=False)
    return settings.master_key_file
