// Latency of both sides: the percentile curve, percentiles in figures, and over time.

const PERCENTILES = ["min", "mean", "p50", "p90", "p95", "p99", "p99_9", "max"];

function percentileName(member) {
  return member.replace(/^p/, "p\u2009").replace("_", ".");
}

// A percentile's place on the axis: each step to the right is a tenth of the requests left. The largest of `count`
// requests stands where one of so many is left.
function tailPlace(percent, count) {
  const last = Math.log10(Math.max(10, count));
  return percent >= 100 ? last : Math.min(last, -Math.log10(1 - percent / 100));
}

function tailName(place) {
  const percent = 100 - 100 * 10 ** -place;
  return `${Number(percent.toFixed(Math.max(0, Math.ceil(place) - 2)))}${THIN}%`;
}

function interpolate(points, place) {
  const after = points.findIndex((point) => point.place >= place);
  if (after < 0) return null;
  if (after === 0) return points[0].place === place ? points[0].ms : null;
  const [a, b] = [points[after - 1], points[after]];
  return a.ms + (b.ms - a.ms) * ((place - a.place) / (b.place - a.place || 1));
}

// sides: [{label, side, curve, count}].
function curveChart(sides, data) {
  const points = sides.map((each) => list(each.curve).filter((point) => isNumber(at(point, "percent")) && at(point, "ms") > 0)
    .map((point) => ({ place: tailPlace(point.percent, each.count ?? 0), ms: point.ms })));
  const x = [...new Set(points.flat().map((point) => point.place))].sort((a, b) => a - b);
  const lines = sides.map((each, index) => ({ label: each.label, side: each.side, values: x.map((place) => interpolate(points[index], place)) }));
  const last = x.length ? x[x.length - 1] : 0;
  return chartFigure({ title: "Latency by percentile", xName: "at", x, lines, logarithmic: true, formatX: (place) => (place === last ? "max" : tailName(place)),
    about: "From the moment when a request was due until its whole response was there. Both scales are logarithmic: each step to the right is a tenth of the requests.",
    splitsX: [...[0, 1, 2, 3, 4, 5, 6].filter((place) => place < last - 0.3), last], formatY: formatMilliseconds }, data);
}

function latencyTable(caption, rows) {
  return table(caption, columns("Requests", "#Count", ...PERCENTILES.map((member) => `#${percentileName(member)}`)),
    rows.map(([name, latency]) => [name, formatNumber(at(latency, "count")),
      ...PERCENTILES.map((member) => formatMilliseconds(at(latency, member)))]));
}

function latencySection(rehearsal) {
  const sides = ["baseline", "candidate"].filter((side) => at(rehearsal, "latency", side));
  if (!sides.length) return null;
  const rows = sides.flatMap((side) => [[`${side}, from due`, at(rehearsal, "latency", side, "latency_ms")],
    [`${side}, from sent`, at(rehearsal, "latency", side, "service_latency_ms")]]);
  const data = latencyTable("Latency of all valid runs", rows);
  const runs = list(rehearsal, "runs");
  const lines = [...bothSides("median", "latency_p50_ms", { thin: true, dash: true }), ...bothSides("p\u200999", "latency_p99_ms")];
  const overTime = table("Latency of each run", columns("Run", "#p50", "#p95", "#p99", "#max"), runs.map((run) => [runName(run),
    ...["p50", "p95", "p99", "max"].map((member) => formatMilliseconds(at(run, "latency_ms", member)))]));
  return section("latency", "Latency",
    curveChart(sides.map((side) => ({ label: side, side, curve: at(rehearsal, "latency", side, "curve"),
      count: at(rehearsal, "latency", side, "latency_ms", "count") })), data),
    chartFigure({ title: "Latency, run by run", xName: "after", secondsX: 1, formatX: formatDuration, formatY: formatMilliseconds, logarithmic: true,
      ...runTimeline(runs, lines) }, overTime));
}
