"""What becomes of accepted events about the log, parties, keys, sites and products."""

from __future__ import annotations

from typing import Any

from suyuan.produce.book import Slice
from suyuan.produce.events import Jwk
from suyuan.produce.records import Claim, Key, LogState, Party, Product, Quota, Site
from suyuan.produce.registry import kid_of

from .cases import ACCEPTED, lent
from .world import LOG, jwk, kid, name, new_world, party, peopled


def test_a_kid_is_the_thumbprint_of_rfc_8037_appendix_a() -> None:
    key = Jwk(crv="Ed25519", kty="OKP", x="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert kid_of(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_opening_a_log_registers_its_founding_supervisors() -> None:
    world = new_world()
    assert world.get(LogState, "log").receipt_kid == kid("log")
    assert world.get(LogState, "log").log == LOG
    assert world.get(Party, name("农业局")).roles == ("supervisor",)
    assert world.get(Key, kid("农业局")).party == name("农业局")
    assert world.get(Key, kid("农业局")).since == 0


def test_the_logs_own_key_signs_nothing_else() -> None:
    world = new_world()
    shape: dict[str, Any] = {"plot": name("一号地"), "season": 2026, "amount": 1}
    assert ("/by", "key.foreign") in world.refuse("quota.granted", "log", **shape)


def test_a_log_can_be_opened_only_by_entry_zero() -> None:
    world = new_world()
    world.book = Slice(complete=True)
    fields: dict[str, Any] = {"format": 1, "address": "https://x", "checkpoint_key": "k"}
    fields["receipt_key"] = jwk("log")
    supervisor = {"party": name("局"), "name": "局", "jwk": jwk("局"), "custody": "party"}
    assert world.refuse("log.opened", "log", **fields, supervisors=[supervisor]) == [
        ("", "log.opened-already")
    ]


def test_a_party_comes_with_its_key_and_its_credit_code() -> None:
    world = new_world()
    code = "93431382MA4PABC59J"
    party(world, "红星", "producer", "processor", name="红星合作社", credit_code=code, place="渡头塘镇")
    assert world.get(Party, name("红星")) == Party(
        id=name("红星"),
        roles=("producer", "processor"),
        name="红星合作社",
        credit_code=code,
        place="渡头塘镇",
        registered=1,
    )
    assert world.get(Key, kid("红星")).since == 1
    assert world.get(Claim, f"credit_code:{code}").owner == name("红星")


def test_a_party_whose_name_is_private_stands_without_name_and_code() -> None:
    world = new_world()
    party(world, "小店", "shop")
    assert world.get(Party, name("小店")).name == ""


def test_a_party_adds_a_key_and_speaks_with_it() -> None:
    world = peopled()
    world.tell("key.added", "红星", party=name("红星"), jwk=jwk("二"), **ACCEPTED)
    assert not world.get(Key, kid("二")).recovery
    world.tell("product.registered", "红星", key="二", product=name("新"), name="新", unit="g")


def test_two_supervisors_recover_a_key_and_it_shows() -> None:
    world = peopled()
    approval = {"approval": "x", "approver": kid("市监局")}
    world.tell("key.added", "农业局", party=name("红星"), jwk=jwk("二"), **approval, **ACCEPTED)
    assert world.get(Key, kid("二")).recovery
    world.tell("product.registered", "红星", key="二", product=name("新"), name="新", unit="g")


def test_a_revoked_key_keeps_the_entries_that_it_was_valid_for() -> None:
    world = peopled()
    index = len(world.told)
    world.tell("key.revoked", "农业局", party=name("红星"), kid=kid("红星"), reason="stolen")
    key = world.get(Key, kid("红星"))
    assert (key.since, key.until) == (1, index)
    assert key.party == name("红星")


def test_a_party_revokes_a_key_of_its_own() -> None:
    world = peopled()
    world.tell("key.revoked", "红星", party=name("红星"), kid=kid("红星"), reason="retired")
    assert world.get(Key, kid("红星")).until >= 0


def test_a_key_in_the_services_custody_may_end_itself() -> None:
    world = lent()
    world.tell("key.revoked", "农业局", party=name("农业局"), kid=kid("农业局"), reason="retired")
    assert world.get(Key, kid("农业局")).until == 1


def test_a_supervisors_key_in_the_services_custody_counts_in_a_demo_log() -> None:
    world = lent(demo=True)
    party(world, "红星", "producer")
    world.tell("key.added", "农业局", party=name("农业局"), jwk=jwk("二"), **ACCEPTED)
    assert world.get(Key, kid("二")).custody == "party"


def test_a_producers_key_in_the_services_custody_counts_everywhere() -> None:
    world = new_world()
    party(world, "红星", "producer", custody="service")
    world.tell("product.registered", "红星", product=name("梨"), name="梨", unit="g")
    world.tell("key.added", "红星", party=name("红星"), jwk=jwk("二"), **ACCEPTED)


def test_a_site_belongs_to_its_party_with_its_number() -> None:
    world = peopled()
    site = world.get(Site, name("一号地"))
    assert (site.what, site.party, site.crop, site.ref) == ("plot", name("红星"), name("梨"), "DK26001")
    assert world.get(Claim, f"ref:{name('红星')}:site:DK26001").owner == name("一号地")


def test_a_supervisor_registers_a_site_for_a_party() -> None:
    world = peopled()
    world.tell(
        "site.registered", "农业局", site=name("站"), kind="station", party=name("牛山"), place="古塘乡"
    )
    assert world.get(Site, name("站")).party == name("牛山")


def test_two_parties_may_use_the_same_number() -> None:
    world = peopled()
    shape: dict[str, Any] = {"kind": "plot", "crop": name("梨"), "ref": "DK26001"}
    world.tell("site.registered", "牛山", site=name("别地"), party=name("牛山"), **shape)
    world.tell("batch.bought", "牛山", batch=name("甲"), product=name("梨"), amount=1, ref="HD-1")
    world.tell("batch.bought", "红星", batch=name("乙"), product=name("梨"), amount=1, ref="HD-1")


def test_a_site_and_a_batch_may_have_the_same_number() -> None:
    world = peopled()
    world.tell("batch.bought", "红星", batch=name("甲"), product=name("梨"), amount=1, ref="DK26001")


def test_a_new_quota_replaces_the_old_one_and_keeps_what_is_used() -> None:
    world = peopled()
    shape: dict[str, Any] = {
        "batch": name("甲"),
        "plot": name("一号地"),
        "product": name("梨"),
        "season": 2026,
    }
    world.tell("batch.harvested", "红星", **shape, amount=700)
    world.tell("quota.granted", "市监局", plot=name("一号地"), season=2026, amount=700)
    quota = world.get(Quota, f"{name('一号地')}/2026")
    assert (quota.granted, quota.used) == (700, 700)


def test_a_product_in_grams_weighs_a_thousand_milligrams() -> None:
    world = peopled()
    assert world.get(Product, name("梨")).unit_mass_mg == 1000
    assert world.get(Product, name("油")).unit_mass_mg == 910


def test_a_products_gtin_is_claimed() -> None:
    world = peopled()
    world.tell("product.registered", "红星", product=name("新"), name="新", unit="g", gtin="06901234567892")
    assert world.get(Product, name("新")).gtin == "06901234567892"
    assert world.get(Claim, "gtin:06901234567892").owner == name("新")


def test_the_operator_and_a_supervisor_state_what_was_erased() -> None:
    world = peopled()
    before = world.book.records()
    world.tell("personal.erased", "平台", digests=["A" * 43])
    world.tell("personal.erased", "农业局", digests=["A" * 43])
    assert world.book.records() == before
