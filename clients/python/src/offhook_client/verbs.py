"""All that both clients can do, listed once.

Each line names a function that describes a request. A `Client` sends it and returns what it reads,
an `AsyncClient` returns it when it is awaited: that is the only difference between the two.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from offhook_client import account, calls, numbers, recordings, rules, subscriptions
from offhook_client.answers import Page
from offhook_client.asks import Ask

P = ParamSpec("P")
T = TypeVar("T")


class Sends(Protocol):
    """Who waits for answers."""

    def send(self, ask: Ask[T], /) -> T: ...

    def walk(self, ask: Ask[Page[T]], /) -> Iterator[T]: ...


class SendsAsync(Protocol):
    """Who lets others work while it waits."""

    def send(self, ask: Ask[T], /) -> Coroutine[Any, Any, T]: ...

    def walk(self, ask: Ask[Page[T]], /) -> AsyncIterator[T]: ...


class One(Generic[P, T]):
    """A method that sends one request. Of the class it is the function that describes it."""

    def __init__(self, describe: Callable[P, Ask[T]]) -> None:
        self._describe = describe

    @overload
    def __get__(self, client: None, owner: type) -> Callable[P, Ask[T]]: ...
    @overload
    def __get__(self, client: Sends, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: SendsAsync, owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, client: Sends | SendsAsync | None, owner: type) -> object:
        if client is None:
            return self._describe

        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return client.send(self._describe(*args, **kwargs))

        return update_wrapper(method, self._describe)


class Many(Generic[P, T]):
    """A method that iterates over a list, and fetches its pages one by one. Of the class it is the function."""

    def __init__(self, describe: Callable[P, Ask[Page[T]]]) -> None:
        self._describe = describe

    @overload
    def __get__(self, client: None, owner: type) -> Callable[P, Ask[Page[T]]]: ...
    @overload
    def __get__(self, client: Sends, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, client: SendsAsync, owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, client: Sends | SendsAsync | None, owner: type) -> object:
        if client is None:
            return self._describe

        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return client.walk(self._describe(*args, **kwargs))

        return update_wrapper(method, self._describe)


class Verbs:
    """What both clients can do. The functions that are named here say how."""

    get_din_list = Many(numbers.get_din_list)
    reserve_din = One(numbers.reserve_din)
    get_reservation_list = One(numbers.get_reservation_list)
    release_din = One(numbers.release_din)

    subscribe_din = One(subscriptions.subscribe_din)
    get_subscription_list = One(subscriptions.get_subscription_list)
    get_subscription = One(subscriptions.get_subscription)
    get_diagnosis = One(subscriptions.get_diagnosis)
    set_action_url = One(subscriptions.set_action_url)
    set_urls = One(subscriptions.set_urls)
    unsubscribe_din = One(subscriptions.unsubscribe_din)

    set_rules = One(rules.set_rules)
    get_rules = One(rules.get_rules)
    preview_rules = One(rules.preview_rules)
    delete_rules = One(rules.delete_rules)

    get_call_list = Many(calls.get_call_list)
    get_call = One(calls.get_call)
    get_timeline = One(calls.get_timeline)
    direct_call = One(calls.direct_call)
    hang_up_call = One(calls.hang_up_call)
    get_command = One(calls.get_command)

    get_recording_list = Many(recordings.get_recording_list)
    get_recording = One(recordings.get_recording)
    mark_recording = One(recordings.mark_recording)
    get_recording_link = One(recordings.get_recording_link)
    get_recording_audio = One(recordings.get_recording_audio)
    delete_recording = One(recordings.delete_recording)

    get_account = One(account.get_account)
    get_ledger = Many(account.get_ledger)
    get_usage = Many(account.get_usage)
    get_breakers = One(account.get_breakers)
    get_signing = One(account.get_signing)
    set_signing = One(account.set_signing)
    rotate_signing_secret = One(account.rotate_signing_secret)
    remove_signing_secret = One(account.remove_signing_secret)
