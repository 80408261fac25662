#!/usr/bin/env python3
"""HdrHistogram's own Python library reads what our writers wrote.

Arguments: the test program that writes the files, and a folder to work in. Exit code 77 (skipped) where the library can
neither be imported nor installed into that folder.
"""
import importlib
import os
import pathlib
import subprocess
import sys


def import_library(folder):
    sys.path.insert(0, str(folder / "library"))
    try:
        import hdrh  # noqa: F401
    except ImportError:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                   "--target", str(folder / "library"), "hdrhistogram"]
        try:
            installed = subprocess.run(command, capture_output=True, timeout=60).returncode == 0
        except subprocess.TimeoutExpired:
            installed = False
        if not installed:
            print("HdrHistogram's library cannot be installed here")
            sys.exit(77)
        importlib.invalidate_caches()


def read_log(path):
    from hdrh.histogram import HdrHistogram
    from hdrh.log import HistogramLogReader

    reader = HistogramLogReader(str(path), HdrHistogram(1, 3_600_000_000_000, 3))
    histograms = []
    while (histogram := reader.get_next_interval_histogram()) is not None:
        histograms.append(histogram)
    assert reader.start_time_sec == 1767322800.0, reader.start_time_sec
    return histograms


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    import_library(folder)
    environment = dict(os.environ, UNDERSTUDY_HDR_PEER_FOLDER=str(folder))
    subprocess.run([program, "--gtest_filter=HdrPeer.*"], env=environment, check=True, capture_output=True)

    truth = [[int(number) for number in line.split()] for line in (folder / "truth.txt").read_text().splitlines()]
    histograms = read_log(folder / "latency.hlog")
    assert len(histograms) == len(truth) - 1, len(histograms)
    for histogram, (count, *quantiles) in zip(histograms, truth):
        assert histogram.get_total_count() == count, (histogram.get_total_count(), count)
        for percentile, value in zip((10, 50, 90, 99, 100), quantiles):
            found = histogram.get_value_at_percentile(percentile) if count else 0
            # Theirs is the top of the bucket; ours is never above the exact maximum.
            assert value <= found <= value * 1.001 + 1, (percentile, found, value)
    assert [histogram.get_tag() for histogram in histograms][-1] == "service"

    check_distribution(folder / "latency.hgrm", truth[-1])
    print(f"{len(histograms)} histograms agree")


def check_distribution(path, expected):
    """The percentile lines as HdrHistogram's plotter takes them: four columns, `#` begins the footer."""
    rows = [line.split() for line in path.read_text().splitlines()[2:] if not line.startswith("#")]
    count, *quantiles = expected
    assert rows[-1][1:] == ["1.000000000000", str(count)], rows[-1]
    percentiles = [float(row[1]) for row in rows]
    assert percentiles == sorted(percentiles)
    for q, value in zip((0.1, 0.5, 0.9, 0.99, 1.0), quantiles):
        row = next(row for row in rows if float(row[1]) >= q)
        assert abs(float(row[0]) * 1e6 - value) <= value * 0.011 + 1000, (q, row, value)


if __name__ == "__main__":
    main()
