"""All of it, in one list."""

from collections.abc import Callable
from datetime import date

from nurturing.models import EngagementEvent
from tests.silo.deeds import marketing, merging, people, sales
from tests.silo.deeds.scene import Scene

SOON = date(2026, 11, 30)

ACTIONS: list[Callable[[Scene], None]] = [
    *(
        people.changed(name, value, who)
        for who in ("berit", "frida")
        for name, value in (
            ("email", "other@x.example"),
            ("email", ""),
            ("phone", "+4755010288"),
            ("language", "sv"),
            ("time_zone", "America/New_York"),
            ("country", "US"),
            ("company", "Acme Inc"),
            ("recipient", "natural_person"),
            ("tags", ["vip"]),
        )
        if (who, name, value) != ("berit", "email", "")
    ),
    people.changed("phone", "", "frida"),
    people.address_of_an_opted_out,
    people.address_of_an_opted_out_without_phone,
    people.away_from_an_opted_out_address,
    people.added,
    people.ground_taken,
    *(
        people.stopped(who, channel)
        for who, channel in (
            ("anna", "mail"), ("anna", "phone"), ("anna", "all"), ("berit", "mail"), ("carl", "phone"),
            ("carl", "all"), ("frida", "mail"), ("frida", "phone"), ("frida", "all"),
        )
    ),
    people.stopped_and_lifted,
    people.domain_stopped,
    *(people.unsubscribed(who) for who in ("anna", "berit", "frida", "dana", "erik")),
    people.unsubscribed_and_back,
    people.hot_unsubscribed_and_back,
    people.bounced_without_phone,
    people.hot_bounced_without_phone,
    people.replied_then_stopped,
    people.stopped_then_replied,
    *(people.event("berit", kind) for kind in EngagementEvent.Type.values),
    *(people.event("anna", kind) for kind in ("complained", "replied", "clicked", "call_me")),
    people.clicks_by_hand_then_a_trap,
    people.scanner,
    people.wants_september,
    people.wants_less,
    people.asks_for_a_call,
    people.silence_over,
    people.a_date,
    people.rhythm_by_hand,
    marketing.brought_in_and_undone,
    marketing.left_and_back,
    marketing.left_stopped_and_back,
    marketing.published_anew,
    marketing.published_and_undone,
    marketing.withdrawn,
    marketing.piece_out_and_in,
    marketing.new_piece,
    marketing.went_live,
    marketing.brought_a_list,
    marketing.list_undone,
    marketing.list_undone_after_a_mail,
    marketing.list_that_opts_out,
    marketing.list_that_opts_out_undone,
    marketing.list_that_opts_out_a_phone,
    *(
        make(result, who, **more)  # type: ignore[operator]
        for make in (sales.call, sales.call_undone)
        for who in ("anna", "carl")
        for result, more in (
            ("meeting", {}), ("opportunity", {}), ("follow_up", {"until": SOON}), ("not_now", {"until": SOON}),
            ("no_answer", {}), ("wrong_person", {}), ("wrong_person", {"because": "left"}),
            ("not_hot", {"because": "curious"}), ("not_interested", {}), ("do_not_call", {}), ("bought", {}),
        )
    ),
    sales.claimed,
    sales.claimed_and_back,
    sales.claim_ran_out_before_the_sales_clock,
    sales.claimed_and_stopped,
    sales.deal_moved,
    sales.deal_lost_and_reopened,
    sales.deal_of_somebody_who_stops,
    sales.recommended,
    *(
        make(kept, dropped, *take)
        for make in (merging.merged, merging.merged_and_parted)
        for kept, dropped, take in (
            ("anna", "berit", ()), ("berit", "anna", ("email", "phone")), ("frida", "carl", ("phone",)), ("carl", "frida", ()),
            ("berit", "carl", ()), ("dana", "erik", ("title",)), ("erik", "dana", ("email",)), ("carl", "anna", ("email",)),
        )
    ),
    merging.merged_with_an_opted_out,
]  # fmt: skip
