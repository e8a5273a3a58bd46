"""What settings mean to the rooms."""

from ipaddress import ip_address

from offhook.config import Settings
from offhook.serve.settings import our_addresses


def test_customers_urls_reach_neither_our_interfaces_nor_the_address_that_a_nat_holds_for_us() -> None:
    settings = Settings.model_construct(public_address="203.0.113.9")
    ours = our_addresses(settings)
    assert {ip_address("127.0.0.1"), ip_address("203.0.113.9")} <= ours
    assert ours - our_addresses(Settings.model_construct(public_address=None)) == {ip_address("203.0.113.9")}
