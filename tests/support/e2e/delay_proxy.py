"""A TCP relay that holds every byte back for a while, in both directions half of it: distance, without root.

Run as a program: delay_proxy.py LISTEN_PORT TARGET_PORT MILLISECONDS. One thread and an event loop; order is kept.
"""
import asyncio
import sys


async def _relay(reader, writer, delay):
    """Each piece leaves when it is `delay` old, however many wait before it."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue(1024)

    async def send():
        while True:
            due, data = await queue.get()
            left = due - loop.time()
            if left > 0:
                await asyncio.sleep(left)
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    sender = asyncio.create_task(send())
    try:
        while True:
            data = await reader.read(65536)
            await queue.put((loop.time() + delay, data))
            if not data:
                break
        await sender
    except OSError:
        sender.cancel()
        writer.close()


async def _serve(listen, target, milliseconds):
    async def connected(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        delay = milliseconds / 2000
        await asyncio.gather(_relay(reader, far_writer, delay), _relay(far_reader, writer, delay), return_exceptions=True)

    server = await asyncio.start_server(connected, "127.0.0.1", listen, backlog=512)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
