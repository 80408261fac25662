"""Medians over the rounds, as Markdown for people and JSON for programs."""
import json
import os
import platform
import statistics

LIVE_COLUMNS = [("cpu_ms_per_1000", "CPU ms / 1,000", "{:.1f}"), ("peak_mib", "peak MiB", "{:.0f}"),
                ("anonymous_mib", "of it heap MiB", "{:.1f}"), ("lost_percent", "lost %", "{:.2f}"), ("duplicates", "twice", "{:.0f}"), ("corrupt", "corrupt", "{:.0f}"),
                ("delay_p50_ms", "delay p50 ms", "{:.2f}"), ("delay_p99_ms", "delay p99 ms", "{:.2f}"),
                ("production_p99_us", "production p99 us", "{:.0f}")]
FILE_COLUMNS = [("found_percent", "found %", "{:.2f}"), ("cpu_seconds", "CPU s", "{:.2f}"), ("seconds", "wall s", "{:.2f}"),
                ("peak_mib", "peak MiB", "{:.0f}"), ("requests_per_cpu_second", "requests / CPU s", "{:,.0f}"),
                ("gbit_per_cpu_second", "Gbit / CPU s", "{:.2f}")]


def median_of(runs):
    """Of each figure over the runs that have it. Runs that failed are counted."""
    good = [run for run in runs if "error" not in run]
    merged = {"runs": len(good), "errors": [run["error"] for run in runs if "error" in run]}
    for key in {key for run in good for key in run}:
        values = [run[key] for run in good if run.get(key) is not None]
        merged[key] = statistics.median(values) if values else None
    return merged


def _machine():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release()}


def _table(rows, columns):
    lines = ["| | " + " | ".join(title for _, title, _ in columns) + " |", "|---|" + "---:|" * len(columns)]
    for name, figures in rows.items():
        cells = [form.format(figures[key]) if figures.get(key) is not None else "" for key, _, form in columns]
        note = f" ({len(figures['errors'])} runs failed)" if figures["errors"] else ""
        lines.append(f"| {name}{note} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def mirror_columns(case):
    return FILE_COLUMNS if case.startswith("file-") else LIVE_COLUMNS


def write(folder, results, settings, name="mirror", columns_of=mirror_columns):
    """`results`: {case name: {contestant: [run, ...]}}. Returns the Markdown's path."""
    os.makedirs(folder, exist_ok=True)
    medians = {case: {name: median_of(runs) for name, runs in by_name.items()} for case, by_name in results.items()}
    document = {"machine": _machine(), "settings": settings, "medians": medians, "runs": results}
    with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
    machine = document["machine"]
    text = [f"Medians of {settings['rounds']} rounds of {settings['seconds']} s, interleaved, on {machine['cores']} cores "
            f"({machine['cpu']}) shared with the servers; Linux {machine['kernel']}.\n"]
    for case, rows in medians.items():
        used = [column for column in columns_of(case) if any(figures.get(column[0]) is not None for figures in rows.values())]
        text.append(f"### {case}\n\n{_table(rows, used)}\n")
    path = os.path.join(folder, name + ".md")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(text))
    return path
