import threading

from harn_tui.events.agent import AgentMessageChunk
from harn_tui.events.record import Event
from harn_tui.sinks.base import CollectingSink, MultiSink
from harn_tui.sinks.emit import emit
from harn_tui.sinks.registry import PROCESS_REGISTRY, SinkRegistry, current_registry, use_registry


def chunk(text: str, session_id: str = "s") -> AgentMessageChunk:
    return AgentMessageChunk(session_id, text)


class NamedSink:
    def __init__(self, name: str, calls: list[str]) -> None:
        self.name = name
        self.calls = calls

    def handle_event(self, event: Event) -> None:
        self.calls.append(self.name)


def test_events_2_1_sinks_are_called_in_the_order_of_registration(registry: SinkRegistry) -> None:
    calls: list[str] = []
    for name in "cab":
        registry.register_sink("s", NamedSink(name, calls))
    emit(chunk("x"))
    assert calls == ["c", "a", "b"]


def test_events_2_1_the_same_sink_registered_twice_hears_twice(registry: SinkRegistry) -> None:
    sink = CollectingSink()
    registry.register_sink("s", sink)
    registry.register_sink("s", sink)
    emit(chunk("x"))
    assert len(sink.events) == 2
    assert registry.session_external_sink_count("s") == 2


def test_events_2_1_a_sink_hears_its_own_session_only_and_the_empty_id_is_a_session(
    registry: SinkRegistry,
) -> None:
    of_a, of_empty = CollectingSink(), CollectingSink()
    registry.register_sink("a", of_a)
    registry.register_sink("", of_empty)
    for session_id in ("a", "", "*", "b"):
        emit(chunk("x", session_id))
    assert [event.session_id for event in of_a.events] == ["a"]
    assert [event.session_id for event in of_empty.events] == [""]


async def test_events_2_1_clearing_sinks_leaves_subscribers(registry: SinkRegistry) -> None:
    async def subscriber(event: Event) -> None:
        """Hear nothing."""

    registry.register_sink("s", CollectingSink())
    registry.subscribe("s", subscriber)
    registry.clear_session_sinks("s")
    assert registry.session_external_sink_count("s") == 0
    assert registry.session_closure_subscriber_count("s") == 1


def test_events_2_1_reset_forgets_sinks_subscribers_and_owners(registry: SinkRegistry) -> None:
    async def subscriber(event: Event) -> None:
        """Hear nothing."""

    sink = CollectingSink()
    registry.register_sink("s", sink)
    registry.subscribe("s", subscriber)
    disown = registry.own_session("s", sink)
    registry.reset_all_sinks()
    emit(chunk("x"))
    disown()
    assert sink.events == []
    assert registry.session_closure_subscriber_count("s") == 0
    assert registry.owner_sink("s") is None


def test_events_2_1_what_is_registered_during_an_emission_hears_only_later_ones(
    registry: SinkRegistry,
) -> None:
    late = CollectingSink()

    class Registering:
        def handle_event(self, event: Event) -> None:
            registry.register_sink("s", late)

    registry.register_sink("s", Registering())
    emit(chunk("first"))
    assert late.events == []
    emit(chunk("second"))
    assert late.events == [chunk("second")]


def test_events_2_1_what_is_removed_during_an_emission_still_hears_it(
    registry: SinkRegistry,
) -> None:
    last = CollectingSink()

    class Clearing:
        def handle_event(self, event: Event) -> None:
            registry.clear_session_sinks("s")

    registry.register_sink("s", Clearing())
    registry.register_sink("s", last)
    emit(chunk("first"))
    emit(chunk("second"))
    assert last.events == [chunk("first")]


def test_events_2_1_a_sink_may_emit_while_it_is_called(registry: SinkRegistry) -> None:
    heard = CollectingSink()

    class Echo:
        def handle_event(self, event: Event) -> None:
            if event.session_id == "s":
                emit(chunk("echo", "other"))

    registry.register_sink("s", Echo())
    registry.register_sink("other", heard)
    emit(chunk("x"))
    assert heard.events == [chunk("echo", "other")]


def test_loop_10_27_a_loop_removes_only_the_sinks_that_it_registered(
    registry: SinkRegistry,
) -> None:
    of_host, of_loop, of_other_loop = CollectingSink(), CollectingSink(), CollectingSink()
    loop, other_loop = object(), object()
    registry.register_sink("s", of_host)
    registry.register_sink("s", of_loop, registrant=loop)
    registry.register_sink("s", of_other_loop, registrant=other_loop)
    registry.unregister_all_of(loop)
    emit(chunk("x"))
    assert (len(of_host.events), len(of_loop.events), len(of_other_loop.events)) == (1, 0, 1)


def test_loop_10_27_a_second_loop_of_the_session_is_heard_like_the_first(
    registry: SinkRegistry,
) -> None:
    of_host, of_loop = CollectingSink(), CollectingSink()
    registry.register_sink("s", of_host)
    for run in ("first", "second"):
        registrant = object()
        registry.register_sink("s", of_loop, registrant=registrant)
        emit(chunk(run))
        registry.unregister_all_of(registrant)
    assert of_host.events == of_loop.events == [chunk("first"), chunk("second")]


def test_unsubscribing_removes_one_subscription_and_may_be_repeated(
    registry: SinkRegistry,
) -> None:
    async def subscriber(event: Event) -> None:
        """Hear nothing."""

    first = registry.subscribe("s", subscriber)
    registry.subscribe("s", subscriber)
    first()
    assert registry.session_closure_subscriber_count("s") == 1


def test_ownerships_end_in_any_order_and_the_latest_counts(registry: SinkRegistry) -> None:
    early, late = CollectingSink(), CollectingSink()
    disown_early = registry.own_session("s", early)
    disown_late = registry.own_session("s", late)
    assert registry.owner_sink("s") is late
    disown_early()
    assert registry.owner_sink("s") is late
    disown_late()
    disown_late()
    assert registry.owner_sink("s") is None


def test_events_2_6_multi_sink_fans_out_in_push_order() -> None:
    calls: list[str] = []
    sink = MultiSink([NamedSink("first", calls)])
    sink.push(NamedSink("second", calls))
    sink.handle_event(chunk("x"))
    assert calls == ["first", "second"]
    assert len(sink) == 2


def test_registering_from_many_threads_loses_nothing(registry: SinkRegistry) -> None:
    sink = CollectingSink()
    start = threading.Barrier(4)

    def register() -> None:
        start.wait()
        for _ in range(100):
            registry.register_sink("s", sink)
            registry.own_session("s", sink)()

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.session_external_sink_count("s") == 400
    assert registry.owner_sink("s") is None


def test_registries_of_two_tests_never_share_a_sink(registry: SinkRegistry) -> None:
    outer = CollectingSink()
    registry.register_sink("s", outer)
    with use_registry(SinkRegistry()) as inner_registry:
        assert current_registry() is inner_registry
        emit(chunk("inside"))
    assert current_registry() is registry
    assert outer.events == []
    assert PROCESS_REGISTRY.session_external_sink_count("s") == 0
