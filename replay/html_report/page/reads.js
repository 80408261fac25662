// Reads from the device over time, and what they mean for the volume's credits.

function readsChart(rehearsal) {
  const runs = list(rehearsal, "runs");
  const timeline = runTimeline(runs, bothSides("reads", "device_reads"));
  const rows = runs.map((run) => [runName(run), formatNumber(meanOf(run, "device_reads")), formatNumber(maxOf(run, "device_reads")),
    formatBytes(meanOf(run, "device_read_bytes")), formatNumber(meanOf(run, "device_writes")),
    formatNumber(at(run, "values", "blocks_read"))]);
  const data = table("Reads of each run", columns("Run", "#Mean reads/s", "#Highest reads/s", "#Bytes read/s", "#Writes/s",
    "#Blocks read/s"), rows);
  if (!timeline.lines.some((line) => line.values.some(isNumber))) {
    return [note("No device counter was read in this rehearsal, so there are no read operations to draw. Blocks read are buffer ",
      "misses, not the disk's work."), data];
  }
  return chartFigure({ title: "Read operations a second, run by run", xName: "after", secondsX: 1, formatX: formatDuration, formatY: formatNumber,
    about: "As the device counted them, in the order in which the runs took place.", ...timeline }, data);
}

// Credits are piecewise linear in time: between the points given, this is exact.
function creditsAt(points, member, hours) {
  if (!points.length) return null;
  const after = points.findIndex((point) => at(point, "hours") >= hours);
  if (after < 0) return at(points[points.length - 1], member);
  if (after === 0) return at(points[0], member);
  const [a, b] = [points[after - 1], points[after]];
  const share = (hours - a.hours) / (b.hours - a.hours || 1);
  return at(a, member) + (at(b, member) - at(a, member)) * share;
}

function creditsChart(forecast) {
  const sides = ["baseline", "candidate"].filter((side) => list(forecast, side, "credits").length);
  const valid = (side) => list(forecast, side, "credits").filter((point) => isNumber(at(point, "hours")));
  const hours = [...new Set(sides.flatMap((side) => valid(side).map((point) => point.hours)))].sort((a, b) => a - b);
  const lines = sides.flatMap((side) => ["high", "low"].map((bound) => ({ label: `${side}, ${bound === "low" ? "at least" : "at most"}`, side,
    thin: true, dash: bound === "low", values: hours.map((hour) => creditsAt(valid(side), bound, hour)) })));
  const rows = hours.map((hour, index) => [formatDuration(hour * 3600), ...lines.map((line) => formatNumber(line.values[index]))]);
  return chartFigure({ title: "Credits left on the volume", xName: "after", secondsX: 3600, x: hours, lines,
    about: `A ${at(forecast, "volume") ?? "volume"} under each load, from ${formatShare(at(forecast, "burst_balance"))} of its credits on.`,
    bands: sides.map((_, index) => [2 * index, 2 * index + 1]), formatX: (hour) => formatDuration(hour * 3600),
    formatY: (value) => (value >= 1e6 ? `${formatNumber(value / 1e6)}${THIN}M` : formatNumber(value)) },
  table("Credits left", columns("After", ...lines.map((line) => `#${line.label}`)), rows));
}

// "4 h 10 min to 6 h", "never".
function creditsGone(load) {
  if (!at(load, "low") || !at(load, "high")) return NOTHING;
  const [earliest, latest] = ["high", "low"].map((bound) => at(load, bound, "seconds_to_empty"))
    .map((seconds) => (seconds === null ? "never" : formatDuration(seconds)));
  return earliest === latest ? earliest : `${earliest} to ${latest}`;
}

function forecastTable(forecast) {
  const rows = ["baseline", "candidate"].filter((side) => at(forecast, side)).map((side) => {
    const load = forecast[side];
    const when = creditsGone(load);
    return [side, formatNumber(at(load, "read_iops")), formatNumber(at(load, "write_iops")),
      `${formatNumber(at(load, "low", "demand_iops"))} to ${formatNumber(at(load, "high", "demand_iops"))}`, when,
      formatShare(at(load, "high", "share_served_after"))];
  });
  const words = ["baseline", "candidate"].filter((side) => at(forecast, side, "text"));
  return [table(`Credits of a ${at(forecast, "volume") ?? "volume"}`, columns("Load of", "#Reads/s", "#Writes/s", "#Billed operations/s",
    "#Credits gone after", "#Served then, at least"), rows),
  fold("The forecast in words", words.map((side) => [element("h4", {}, side), element("p", { class: "lines" }, forecast[side].text)]))];
}

function readsAndCredits(rehearsal) {
  const forecast = at(rehearsal, "forecast");
  const scale = at(forecast, "scale");
  return section("reads", "Reads and credits", readsChart(rehearsal),
    forecast ? [forecastTable(forecast),
      isNumber(scale) && scale !== 1 ? note(`The load was scaled by ${formatNumber(scale)}: what the plan says production has more of.`) : null,
      creditsChart(forecast)]
      : note("No volume is named in the plan, so there is no forecast of credits."));
}
