from house import House
from offhook.domain.credits import CREDIT
from offhook.domain.numbers import Feature, SearchFilters
from offhook.storage.offers import MOST, Offer, offers_of, suits

OFFER = Offer(2 * CREDIT, CREDIT, allow_transfer=True, requires_verification=False)


def add(house: House, *numbers: tuple[str, str, str, str]) -> None:
    """Add Japanese numbers of these costs and features."""
    names = ("monthly_cost", "minute_cost", "allow_transfer", "requires_verification")
    fixed = {"country_code": "81", "prefix": ""}
    rows = [
        {"din": f"8150{place:07d}", **fixed, **dict(zip(names, number, strict=True))}
        for place, number in enumerate(numbers)
    ]
    house.import_rows(*rows)


def of(house: House, region: str = "JP") -> list[Offer] | None:
    return house.read(lambda work: offers_of(work.connection, region))


def test_each_offer_of_a_country_is_told_once(house: House) -> None:
    add(
        house, *[("2", "1", "yes", "no"), ("2", "1", "yes", "yes"), ("1", "3", "no", "no"), ("2", "0", "no", "yes")] * 3
    )
    assert of(house) == [
        Offer(CREDIT, 3 * CREDIT, allow_transfer=False, requires_verification=False),
        Offer(2 * CREDIT, 0, allow_transfer=False, requires_verification=True),
        OFFER,
        Offer(2 * CREDIT, CREDIT, allow_transfer=True, requires_verification=True),
    ]
    assert of(house, "DE") == []


def test_of_too_many_offers_none_is_told(house: House) -> None:
    add(house, *((str(place), "1", "yes", "no") for place in range(MOST)))
    found = of(house)
    assert found is not None
    assert len(found) == MOST
    house.add_number("815099999999", monthly="0.5")
    assert of(house) is None


def test_a_number_that_is_subscribed_offers_nothing(house: House) -> None:
    house.subscribed()
    assert of(house) == []


def test_an_offer_suits_whoever_asks_for_no_more() -> None:
    assert suits(OFFER, SearchFilters())
    assert suits(OFFER, SearchFilters(max_monthly_cost=2 * CREDIT, max_minute_cost=CREDIT))
    assert not suits(OFFER, SearchFilters(max_monthly_cost=2 * CREDIT - 1))
    assert not suits(OFFER, SearchFilters(max_minute_cost=CREDIT - 1))
    assert suits(OFFER, SearchFilters(features=frozenset({Feature.TRANSFER})))
    assert not suits(OFFER, SearchFilters(features=frozenset(Feature)))
