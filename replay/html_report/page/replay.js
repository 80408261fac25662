// The view of result.json (docs/replay-report.md): one run of one target, with a live baseline where there was one.

function replayHead(result) {
  const verdict = at(result, "verdict");
  const load = at(result, "load");
  const headline = `${formatNumber(at(load, "completed"))} of ${formatNumber(at(load, "planned"))} requests completed at ${formatNumber(at(result, "achieved_rate"))} a second; p 99 was ${formatMilliseconds(at(load, "latency_ms", "p99"))}.`;
  return verdictHead({ name: `Replay to ${at(result, "target") ?? NOTHING}` }, at(verdict, "kind"), headline, [
    formatTime(at(result, "start")), `took ${formatDuration(at(result, "duration_seconds"))}`, at(result, "pacing"),
    isNumber(at(verdict, "exit_code")) ? `exit code ${verdict.exit_code}` : null]);
}

function replaySummary(result) {
  const said = [
    at(result, "end") !== "whole" ? element("p", { class: "panel warning" }, `The run ended early (${at(result, "end")}): ${at(result, "end_reason") ?? ""}`) : null,
    bullets(list(result, "verdict", "reasons")),
    at(result, "generator", "saturated") ? element("p", { class: "panel warning" }, at(result, "generator", "reason")) : null,
    objectiveTable(list(result, "objectives"))].filter(Boolean);
  return said.length ? section("summary", "Summary", said) : null;
}

function replaySeries(result) {
  const points = list(result, "series").filter((point) => isNumber(at(point, "second")));
  const chart = (title, format, logarithmic, lines, names) => chartFigure({ title, xName: "after", secondsX: 1, formatX: formatDuration, formatY: format, logarithmic,
    x: points.map((point) => point.second),
    lines: lines.map(([label, side, member, dash]) => ({ label, side, dash, values: points.map((point) => {
      const value = at(point, member);
      return isNumber(value) && (!logarithmic || value > 0) ? value : null;
    }) })) },
  table(title, columns("After", ...names.map((name) => `#${name}`)), points.slice(0, 600).map((point) => [formatDuration(point.second),
    ...lines.map(([, , member]) => format(at(point, member)))])));
  return [
    chart("Requests a second", formatNumber, false, [["wanted", "baseline", "target_rate", true], ["sent", "candidate", "sent", false],
      ["errors", "regressed", "errors", false]], ["wanted", "sent", "errors"]),
    chart("Latency over time", formatMilliseconds, true, [["median", "candidate", "latency_p50_ms", true], ["p\u200999", "candidate", "latency_p99_ms", false],
      ["lateness p\u200999", "baseline", "lateness_p99_ms", false]], ["median", "p99", "lateness p99"])];
}

function replayRoutes(result) {
  const routes = list(result, "routes");
  if (!routes.length) return null;
  return section("routes", "Routes", table("Routes", columns("Route", "#Sent", "#Completed", "#Lost", "#p50", "#p99", "#Compared", "#Different",
    "#Status"), routes.map((route) => [element("code", {}, at(route, "name")), ...["sent", "completed", "lost"].map((member) => formatNumber(at(route, member))),
    formatMilliseconds(at(route, "latency_ms", "p50")), formatMilliseconds(at(route, "latency_ms", "p99")),
    ...["compared", "different", "status_mismatches"].map((member) => formatNumber(at(route, "comparison", member)))])));
}

function replayLedger(result) {
  const sides = [["target", at(result, "load")], ["baseline", at(result, "baseline")]].filter(([, side]) => side);
  return section("ledger", "Ledger", table("Where each request went", columns("Side", "#Planned", "#Sent", "#Completed", "#Errors", "Lost", "Statuses"),
    sides.map(([name, side]) => [name, ...["planned", "sent", "completed", "errors"].map((member) => formatNumber(at(side, member))),
      reasonsText(entries(side, "lost_by")), reasonsText(entries(side, "statuses"))])),
  paragraph(`Held back: ${reasonsText(entries(result, "held_back"))}`));
}

function replayView(result) {
  const load = at(result, "load");
  const baseline = at(result, "baseline");
  const rows = [["target, from due", at(load, "latency_ms")], ["target, from sent", at(load, "service_latency_ms")],
    ...(baseline ? [["baseline, from due", at(baseline, "latency_ms")]] : []), ["lateness of the load", at(load, "lateness_ms")]];
  return [replayHead(result), replaySummary(result), section("latency", "Latency and rate", latencyTable("Latency", rows), replaySeries(result)),
    replayRoutes(result), replayLedger(result), section("about", "Run", facts([["Recordings", list(result, "recordings").join(", ")],
      ["Target", at(result, "target")], ["Baseline", at(result, "baseline_target")], ["Pacing", at(result, "pacing")],
      ...list(result, "options").map((option) => [`--${at(option, "flag")}`, element("code", {}, at(option, "value"))]),
      ["Version", at(result, "tool_version")]]))];
}
