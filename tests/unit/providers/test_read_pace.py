from harn_tui.providers.read_pace import READ_WAIT_S, SMALL_BYTES, TRICKLE_READS, ReadPace


def test_a_short_reply_and_a_fast_one_are_never_held_up() -> None:
    pace = ReadPace()
    assert {pace.wait_after(100) for _ in range(TRICKLE_READS)} == {0.0}
    fast = ReadPace()
    assert {fast.wait_after(SMALL_BYTES) for _ in range(10 * TRICKLE_READS)} == {0.0}


def test_a_trickle_is_read_in_larger_pieces() -> None:
    pace = ReadPace()
    waits = [pace.wait_after(100) for _ in range(TRICKLE_READS + 3)]
    assert waits[TRICKLE_READS:] == [READ_WAIT_S] * 3
    assert pace.wait_after(SMALL_BYTES) == 0.0
    assert pace.wait_after(SMALL_BYTES - 1) == READ_WAIT_S
