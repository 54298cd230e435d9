"""Reading a pipe on the event loop, and waiting when whoever takes the bytes has to."""

import asyncio
import os

from harn_tui.tools.pipe_reader import PipeReader


async def test_a_paused_reader_takes_nothing_until_it_goes_on() -> None:
    taken: list[bytes] = []
    arrived = asyncio.Event()

    def take(data: bytes) -> None:
        taken.append(data)
        arrived.set()

    reader = PipeReader(take)
    os.write(reader.write_end, b"one")
    await arrived.wait()
    reader.pause()
    arrived.clear()
    os.write(reader.write_end, b"two")
    for _ in range(20):
        await asyncio.sleep(0)
    assert taken == [b"one"]
    reader.resume()
    await arrived.wait()
    assert taken == [b"one", b"two"]
    reader.close()


async def test_what_lies_in_the_pipe_of_a_paused_reader_can_be_drained() -> None:
    taken: list[bytes] = []
    reader = PipeReader(taken.append)
    reader.pause()
    os.write(reader.write_end, b"rest")
    reader.drain()
    reader.close()
    reader.pause()
    reader.resume()
    assert taken == [b"rest"]


async def test_a_flood_is_read_whole_when_its_taker_pauses_again_and_again() -> None:
    total = 0

    def take(data: bytes) -> None:
        nonlocal total
        total += len(data)
        reader.pause()
        asyncio.get_running_loop().call_soon(reader.resume)

    reader = PipeReader(take)
    process = await asyncio.create_subprocess_exec(
        "head", "-c", "3000000", "/dev/zero", stdout=reader.write_end
    )
    reader.child_started()
    await reader.ended.wait()
    await process.wait()
    assert total == 3_000_000
