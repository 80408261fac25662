"""How far from its due time each request is on the wire: from a capture with time stamps of nanoseconds."""
import array
import os
import struct
import time

from e2e import processes

# TCP payload that begins with "GET ".
FILTER = "tcp dst port {port} and tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420"


class WireWatch:
    """tcpdump on loopback while a tool runs."""

    def __init__(self, directory, port, name):
        self.path = os.path.join(directory, name + ".pcap")
        self.process = processes.Process(
            ["tcpdump", "-i", "lo", "-s", "96", "-B", "65536", "--time-stamp-precision=nano", "-w", self.path, "-n",
             "-Z", "root", FILTER.format(port=port)], directory, name + "-tcpdump")
        processes.wait_until(lambda: "listening" in self.process.stderr or not self.process.running, 10, "tcpdump listens")

    def times(self):
        """Nanoseconds since the epoch of each request's packet, in the order of the wire."""
        time.sleep(1.5)  # the kernel hands the last packets over in blocks
        self.process.stop()
        with open(self.path, "rb") as file:
            data = file.read()
        if struct.unpack_from("<I", data)[0] != 0xA1B23C4D:
            raise RuntimeError("tcpdump did not write nanoseconds")
        times, offset = array.array("Q"), 24
        while offset + 16 <= len(data):
            seconds, nanoseconds, length, _ = struct.unpack_from("<IIII", data, offset)
            times.append(seconds * 1_000_000_000 + nanoseconds)
            offset += 16 + length
        os.remove(self.path)
        return sorted(times)


def figures(times, rate):
    """|sent - due| in microseconds, with the start that suits the tool best, and the rate that was kept."""
    gap = 1e9 / rate
    offsets = [time - times[0] - index * gap for index, time in enumerate(times)]
    # The start is not known for others: the median offset, so that half of the requests are early and half late.
    start = sorted(offsets)[len(offsets) // 2]
    errors = sorted(abs(offset - start) for offset in offsets)
    kept = (len(times) - 1) / ((times[-1] - times[0]) / 1e9)

    def quantile(share):
        return errors[min(len(errors) - 1, int(share * len(errors)))] / 1000

    return {"requests": len(times), "error_p50_us": quantile(0.5), "error_p99_us": quantile(0.99),
            "error_max_us": errors[-1] / 1000, "rate_error_percent": abs(kept / rate - 1) * 100}
