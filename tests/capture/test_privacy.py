"""Nothing private stands in clear in what is stored, after the transaction and in the journal."""

from __future__ import annotations

from sqlalchemy import text

from suyuan.capture.pen import Hidden
from suyuan.ledger.engine import begin_read
from tests.farm import Farm, name

PERSON = "7K3M9Q2XWA"
SECRETS = {"household": "向大山", "phone": "13812345678", "area": "3亩2分", "operator": "石秀英"}


def append(farm: Farm) -> None:
    farm.take(
        farm.say(
            "product.registered",
            "红星",
            hidden=(Hidden(SECRETS, PERSON),),
            product=name("油"),
            name="油",
            unit="g",
        ),
        *farm.harvests(3),
    )


def spellings(secret: str) -> list[bytes]:
    """Return *secret* as it might stand in a file."""
    return [secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-8").hex().encode()]


def found_in(data: bytes) -> list[str]:
    return [secret for secret in SECRETS.values() for spelling in spellings(secret) if spelling in data]


def test_no_secret_stands_in_the_data_folder(sqlite_farm: Farm) -> None:
    append(sqlite_farm)
    files = [path for path in sqlite_farm.folder.rglob("*") if path.is_file()]
    assert any(path.name == "suyuan.db" for path in files)
    assert any(path.suffix == ".key" for path in files)
    assert [(path.name, found_in(path.read_bytes())) for path in files if found_in(path.read_bytes())] == []


def test_no_secret_stands_in_any_row_of_the_database(postgres_farm: Farm) -> None:
    append(postgres_farm)
    with begin_read(postgres_farm.engine) as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = [
            str(row).encode() + b"".join(bytes(v) for v in row if isinstance(v, bytes | memoryview))
            for table in tables
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')
        ]
    assert len(rows) > 20
    assert [found_in(row) for row in rows if found_in(row)] == []


def test_what_is_public_is_found_by_the_same_search(sqlite_farm: Farm) -> None:
    append(sqlite_farm)
    data = b"".join(path.read_bytes() for path in sqlite_farm.folder.glob("suyuan.db*"))
    assert "红星合作社".encode() in data


def test_the_same_secret_twice_leaves_nothing_in_common(sqlite_farm: Farm) -> None:
    farm = sqlite_farm
    hidden = (Hidden({"household": "向大山"}, PERSON),)
    first, second = (
        farm.say("product.registered", "红星", hidden=hidden, product=name(word), name=word, unit="g")
        for word in ("油", "柿")
    )
    assert first.private[0].disclosure.digest != second.private[0].disclosure.digest
    farm.take(first, second)
