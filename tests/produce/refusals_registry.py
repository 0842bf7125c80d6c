"""What is refused about the log, parties, keys, sites and products."""

from __future__ import annotations

from typing import Any

import pytest

from suyuan.errors import Refused

from .cases import ACCEPTED, admit, case, enter, lent, recover
from .world import CHECKPOINT_KEY as FIRST
from .world import World, Wrong, jwk, kid, name, new_world, party

DAMAGED_CODE = "93431382MA4PABC59K"


@case("LOG_CLOSED", "")
def log_not_opened(world: World) -> Wrong:
    return World().refuse("quota.granted", "农业局", plot=name("一号地"), season=2026, amount=1)[:1]


@case("LOG_AGAIN", "")
def log_opened_again(world: World) -> Wrong:
    shape: dict[str, Any] = {
        "format": 1,
        "address": "https://x",
        "checkpoint_key": "k",
        "receipt_key": jwk("log"),
    }
    supervisor = {"party": name("冒名"), "name": "冒名", "jwk": jwk("冒名"), "custody": "party"}
    return world.refuse("log.opened", "log", **shape, supervisors=[supervisor])


@case("LOG_KEY_ONE", "/added")
def log_key_neither_comes_nor_goes(world: World) -> Wrong:
    return world.refuse("log.rekeyed", "log")


@case("LOG_KEY_ONE", "/added")
def log_key_retired_with_a_successor(world: World) -> Wrong:
    return world.refuse("log.rekeyed", "log", retired=FIRST, replaces=FIRST)


@case("LOG_KEY_KNOWN", "/added")
def log_key_announced_twice(world: World) -> Wrong:
    return world.refuse("log.rekeyed", "log", added=FIRST)


@case("LOG_KEY_UNUSED", "/replaces")
def unknown_log_key_replaced(world: World) -> Wrong:
    return world.refuse("log.rekeyed", "log", added="second", replaces="third")


@case("LOG_KEY_UNUSED", "/retired")
def log_key_retired_twice(world: World) -> Wrong:
    world.tell("log.rekeyed", "log", added="second", replaces=FIRST)
    world.tell("log.rekeyed", "log", retired=FIRST)
    return world.refuse("log.rekeyed", "log", retired=FIRST)


@case("LOG_KEY_LAST", "/retired")
def the_only_log_key_retired(world: World) -> Wrong:
    world.tell("log.rekeyed", "log", added="cosigner")
    return world.refuse("log.rekeyed", "log", retired=FIRST)


@case("LOG_KEY_ENDS", "/ends")
def an_end_without_a_successor(world: World) -> Wrong:
    return world.refuse("log.rekeyed", "log", added="second", ends="2026-12-31T00:00:00+08:00")


@case("LOG_CLOSED", "")
def log_key_before_the_log(_: World) -> Wrong:
    return World().refuse("log.rekeyed", "log", added="second")


@case("KEY_FOREIGN", "/by")
def log_key_announced_by_a_supervisor(world: World) -> Wrong:
    return world.refuse("log.rekeyed", "农业局", added="second")


@case("KEY_FOREIGN", "/by")
def the_log_speaks_of_goods(world: World) -> Wrong:
    return world.refuse("product.registered", "log", product=name("新"), name="新", unit="g")


@case("LOG_OTHER", "/log")
def another_log_named(world: World) -> Wrong:
    return world.refuse("product.registered", "红星", log="x", product=name("新"), name="新", unit="g")


@case("KEY_UNKNOWN", "")
def signing_key_unknown(world: World) -> Wrong:
    return world.refuse("product.registered", "红星", key="陌生", product=name("新"), name="新", unit="g")


@case("KEY_UNKNOWN", "/kid")
def unknown_key_revoked(world: World) -> Wrong:
    return world.refuse("key.revoked", "农业局", party=name("红星"), kid=kid("陌生"), reason="lost")


@case("KEY_REVOKED", "")
def signing_key_revoked(world: World) -> Wrong:
    world.tell("key.revoked", "红星", party=name("红星"), kid=kid("红星"), reason="stolen")
    return world.refuse("product.registered", "红星", product=name("新"), name="新", unit="g")


@case("KEY_OTHER", "/party")
def key_revoked_in_another_partys_chain(world: World) -> Wrong:
    return world.refuse("key.revoked", "红星", party=name("牛山"), kid=kid("红星"), reason="stolen")


@case("KEY_REVOKED", "/kid")
def key_revoked_twice(world: World) -> Wrong:
    world.tell("key.revoked", "红星", party=name("红星"), kid=kid("红星"), reason="stolen")
    return world.refuse("key.revoked", "农业局", party=name("红星"), kid=kid("红星"), reason="stolen")


@case("KEY_FOREIGN", "/by")
def key_of_another_party(world: World) -> Wrong:
    return world.refuse("product.registered", "红星", key="牛山", product=name("新"), name="新", unit="g")


@case("KEY_FOREIGN", "/by")
def log_opened_with_a_key_it_does_not_name(_: World) -> Wrong:
    with pytest.raises(Refused) as caught:
        new_world(receipt_key=jwk("other"))
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


@case("KEY_TAKEN", "/jwk")
def key_of_a_party_registered_anew(world: World) -> Wrong:
    return world.refuse(
        "party.registered", "农业局", party=name("新"), roles=["shop"], jwk=jwk("红星"), **ACCEPTED
    )


@case("KEY_TAKEN", "/jwk")
def revoked_key_used_again(world: World) -> Wrong:
    world.tell("key.added", "红星", party=name("红星"), jwk=jwk("二"), **ACCEPTED)
    world.tell("key.revoked", "红星", party=name("红星"), kid=kid("红星"), reason="stolen")
    return world.refuse("key.added", "红星", key="二", party=name("红星"), jwk=jwk("红星"), **ACCEPTED)


@case("KEY_TAKEN", "/jwk")
def key_of_the_log_used_by_a_party(world: World) -> Wrong:
    return world.refuse("key.added", "红星", party=name("红星"), jwk=jwk("log"), **ACCEPTED)


@case("KEY_MAY_NOT", "/by")
def key_of_another_party_revoked(world: World) -> Wrong:
    return world.refuse("key.revoked", "牛山", party=name("红星"), kid=kid("红星"), reason="stolen")


@case("NEEDS_APPROVAL", "/approval")
def recovery_without_approver(world: World) -> Wrong:
    return recover(world, approver="")


@case("NEEDS_APPROVAL", "/approval")
def recovery_without_approval(world: World) -> Wrong:
    return recover(world, approval="")


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_by_an_unknown_key(world: World) -> Wrong:
    return recover(world, approver=kid("陌生"))


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_by_the_same_supervisor(world: World) -> Wrong:
    world.tell("key.added", "农业局", party=name("农业局"), jwk=jwk("农业局二"), **ACCEPTED)
    return recover(world, approver=kid("农业局二"))


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_by_no_supervisor(world: World) -> Wrong:
    return recover(world, approver=kid("红星"))


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_with_a_revoked_key(world: World) -> Wrong:
    world.tell("key.revoked", "市监局", party=name("市监局"), kid=kid("市监局"), reason="lost")
    return recover(world)


@case("NEEDS_APPROVAL", "/approval")
def recovery_approved_with_a_key_in_the_services_custody(world: World) -> Wrong:
    party(world, "省局", "supervisor", custody="service")
    return recover(world, approver=kid("省局"))


@case("NOT_SUPERVISOR", "/by")
def party_registered_by_a_producer(world: World) -> Wrong:
    return world.refuse(
        "party.registered", "红星", party=name("新"), roles=["shop"], jwk=jwk("新"), **ACCEPTED
    )


@case("NOT_SUPERVISOR", "/by")
def recovery_by_no_supervisor(world: World) -> Wrong:
    shape: dict[str, Any] = {
        "party": name("红星"),
        "jwk": jwk("二"),
        "approval": "x",
        "approver": kid("农业局"),
    }
    return world.refuse("key.added", "牛山", **shape, **ACCEPTED)


@case("NOT_SUPERVISOR", "/by")
def erasure_stated_by_a_producer(world: World) -> Wrong:
    return world.refuse("personal.erased", "红星", digests=["A" * 43])


@case("CUSTODY_SUPERVISOR", "/by")
def party_registered_with_a_lent_key(_: World) -> Wrong:
    return lent().refuse(
        "party.registered", "农业局", party=name("新"), roles=["shop"], jwk=jwk("新"), **ACCEPTED
    )


@case("CUSTODY_SUPERVISOR", "/by")
def lent_key_makes_itself_one_that_counts(_: World) -> Wrong:
    return lent().refuse("key.added", "农业局", party=name("农业局"), jwk=jwk("二"), **ACCEPTED)


@case("CUSTODY_SUPERVISOR", "/by")
def lent_key_revokes_the_supervisors_own(world: World) -> Wrong:
    world.tell("key.added", "农业局", party=name("农业局"), jwk=jwk("代管"), custody="service", proof="x")
    return world.refuse(
        "key.revoked", "农业局", key="代管", party=name("农业局"), kid=kid("农业局"), reason="lost"
    )


@case("NOT_OWN", "/by")
def site_registered_for_another(world: World) -> Wrong:
    return world.refuse("site.registered", "牛山", site=name("站"), kind="station", party=name("红星"))


@case("TAKEN", "/party")
def party_registered_twice(world: World) -> Wrong:
    return world.refuse(
        "party.registered", "农业局", party=name("红星"), roles=["shop"], jwk=jwk("新"), **ACCEPTED
    )


@case("TAKEN", "/supervisors/1/party")
def supervisor_named_twice(_: World) -> Wrong:
    world = World()
    shape: dict[str, Any] = {
        "format": 1,
        "address": "https://x",
        "checkpoint_key": "k",
        "receipt_key": jwk("log"),
    }
    both = [{"party": name("局"), "name": "局", "jwk": jwk(key), "custody": "party"} for key in ("一", "二")]
    return world.refuse("log.opened", "log", **shape, supervisors=both)


@case("KEY_TAKEN", "/supervisors/0/jwk")
def supervisor_with_the_logs_key(_: World) -> Wrong:
    world = World()
    shape: dict[str, Any] = {
        "format": 1,
        "address": "https://x",
        "checkpoint_key": "k",
        "receipt_key": jwk("log"),
    }
    supervisor = {"party": name("局"), "name": "局", "jwk": jwk("log"), "custody": "party"}
    return world.refuse("log.opened", "log", **shape, supervisors=[supervisor])


@case("TAKEN", "/site")
def site_registered_twice(world: World) -> Wrong:
    return world.refuse("site.registered", "牛山", site=name("一号地"), kind="store", party=name("牛山"))


@case("TAKEN", "/product")
def product_registered_twice(world: World) -> Wrong:
    return world.refuse("product.registered", "牛山", product=name("梨"), name="假梨", unit="g")


@case("REF_TAKEN", "/ref")
def plot_number_used_twice(world: World) -> Wrong:
    shape = {"site": name("新地"), "kind": "plot", "party": name("红星"), "crop": name("梨")}
    return world.refuse("site.registered", "红星", **shape, ref="DK26001")


@case("UNIQUE_TAKEN", "/credit_code")
def credit_code_used_twice(world: World) -> Wrong:
    party(world, "一社", "producer", name="一社", credit_code="93431382MA4PABC59J")
    return admit(world, credit_code="93431382MA4PABC59J")


@case("UNIQUE_TAKEN", "/gtin")
def gtin_used_twice(world: World) -> Wrong:
    shape = {"name": "新", "unit": "g", "gtin": "06901234567892"}
    world.tell("product.registered", "红星", product=name("新"), **shape)
    return world.refuse("product.registered", "牛山", product=name("另"), **shape)


@case("NO_PARTY", "/party")
def key_added_to_nobody(world: World) -> Wrong:
    return recover(world, party=name("无"))


@case("NO_PARTY", "/party")
def site_of_nobody(world: World) -> Wrong:
    return world.refuse("site.registered", "农业局", site=name("站"), kind="station", party=name("无"))


@case("NO_PRODUCT", "/crop")
def plot_of_no_product(world: World) -> Wrong:
    shape = {"site": name("新地"), "kind": "plot", "party": name("红星"), "crop": name("无")}
    return world.refuse("site.registered", "红星", **shape)


@case("NO_PRODUCT", "/crop")
def plot_without_crop(world: World) -> Wrong:
    return world.refuse("site.registered", "红星", site=name("新地"), kind="plot", party=name("红星"))


@case("NATURAL_PERSON", "/credit_code")
def individual_business_in_clear(world: World) -> Wrong:
    return admit(world, name="周小明", credit_code="92431382WM3CWTDX66")


@case("CREDIT_CODE", "/credit_code")
def credit_code_with_a_wrong_check_character(world: World) -> Wrong:
    return admit(world, credit_code=DAMAGED_CODE)


@case("GTIN", "/gtin")
def gtin_with_a_wrong_check_digit(world: World) -> Wrong:
    return enter(world, gtin="06901234567890")


@case("GTIN", "/gtin")
def gtin_of_thirteen_digits(world: World) -> Wrong:
    return enter(world, gtin="6901234567892")


@case("GTIN", "/gtin")
def gtin_of_thirteen_digits_and_a_hyphen(world: World) -> Wrong:
    return enter(world, gtin="6901234-567892")


@case("GTIN", "/gtin")
def gtin_in_full_width_digits(world: World) -> Wrong:
    return enter(world, gtin="".join(chr(0xFF10 + int(digit)) for digit in "06901234567892"))


@case("UNIT_MASS", "/unit_mass_mg")
def product_in_grams_with_a_unit_mass(world: World) -> Wrong:
    return enter(world, unit_mass_mg=1000)


@case("UNIT_MASS", "/unit_mass_mg")
def product_in_pieces_without_a_unit_mass(world: World) -> Wrong:
    return enter(world, unit="piece")
