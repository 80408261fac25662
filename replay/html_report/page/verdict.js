// The verdict, first: what a person on call reads in ten seconds.

// The place on this page of what stands out, by kind and id.
function anchorOf(rehearsal, item) {
  const found = at(item, "kind") === "query_class"
    ? list(rehearsal, "query_classes").findIndex((each) => at(each, "id") === at(item, "id"))
    : list(rehearsal, "routes").findIndex((each) => at(each, "name") === at(item, "name"));
  if (found < 0) return null;
  return at(item, "kind") === "query_class" ? `#query-${found}` : "#routes";
}

function tile(metric) {
  const format = metricFormat(metric);
  const interval = isNumber(at(metric, "low")) && isNumber(at(metric, "high"))
    ? `${formatRatio(at(metric, "ratio"))}, interval ${formatNumber(metric.low)} to ${formatNumber(metric.high)}`
    : at(metric, "reason");
  return element("li", { class: `tile ${String(at(metric, "verdict"))}` },
    element("h3", {}, at(metric, "name") ?? at(metric, "key")),
    change(format(at(metric, "baseline")), format(at(metric, "candidate"))),
    element("p", {}, element("strong", {}, formatRelative(at(metric, "ratio"))), " ", badge(at(metric, "verdict"), "small")),
    element("p", { class: "worth" }, interval));
}

function change(before, after) {
  return element("p", { class: "change" }, element("span", { class: "before" }, before),
    element("span", { class: "arrow" }, element("span", { "aria-hidden": "true" }, ARROW), element("span", { class: "hidden" }, " to ")),
    element("span", { class: "after" }, after));
}

// When the volume's credits would be gone.
function creditsTile(forecast) {
  if (!at(forecast, "baseline")) return null;
  const [before, after] = [creditsGone(at(forecast, "baseline")), creditsGone(at(forecast, "candidate"))];
  const kind = before !== "never" && after === "never" ? "improved" : before === "never" && after !== "never" ? "regressed" : "unknown";
  return element("li", { class: `tile ${kind}` }, element("h3", {}, `Credits of a ${at(forecast, "volume") ?? "volume"} are gone after`),
    change(before, after), element("p", { class: "worth" }, "a forecast, from the loads measured here"));
}

function standsOut(rehearsal) {
  const worse = list(rehearsal, "verdict", "stands_out");
  if (!worse.length) return null;
  const items = worse.map((item) => {
    const anchor = anchorOf(rehearsal, item);
    const name = element("code", {}, at(item, "name"));
    return [anchor ? element("a", { href: anchor }, name) : name, " ", badge(at(item, "verdict"), "small"),
      element("span", { class: "worth" }, at(item, "text"))];
  });
  return element("div", { class: "panel worse" }, element("h3", {}, "What got worse"), bullets(items));
}

function objectiveTable(objectives) {
  if (!objectives.length) return null;
  return table("Objectives", columns("Objective", "State", "Measured"), objectives.map((each) => [
    element("code", {}, at(each, "text")), badge(at(each, "state"), "small"),
    [at(each, "measured"), at(each, "reason") ? ` (${at(each, "reason")})` : null]]));
}

function verdictHead(document_, kind, headline, meta) {
  return element("header", { class: `verdict ${String(kind)}` },
    element("p", { class: "eyebrow" }, at(document_, "name") ?? "Replay"),
    element("h1", {}, badge(kind, "large"), element("span", { class: "headline" }, headline ?? "No verdict was reached.")),
    element("p", { class: "meta" }, meta.filter(Boolean).join(" \u00b7 ")));
}

function rehearsalHead(rehearsal) {
  const [start, end] = [secondOf(at(rehearsal, "started_at")), secondOf(at(rehearsal, "finished_at"))];
  const verdict = at(rehearsal, "verdict");
  return verdictHead(rehearsal, at(verdict, "kind"), at(verdict, "headline"), [
    isNumber(at(verdict, "pairs")) ? `${verdict.pairs} pairs of runs` : null,
    isNumber(at(verdict, "confidence")) ? `${formatShare(verdict.confidence)} confidence` : null,
    formatTime(at(rehearsal, "started_at")), isNumber(start) && isNumber(end) ? `took ${formatDuration(end - start)}` : null,
    isNumber(at(verdict, "exit_code")) ? `exit code ${verdict.exit_code}` : null]);
}

function rehearsalSummary(rehearsal) {
  const end = at(rehearsal, "end");
  const tiles = list(rehearsal, "metrics").filter((metric) => at(metric, "headline"));
  return section("summary", "Summary",
    end && end !== "whole" ? element("p", { class: "panel warning" }, `The rehearsal ended early (${end}): ${at(rehearsal, "end_reason") || "no reason was given"}.`) : null,
    tiles.length ? element("ul", { class: "tiles" }, tile(tiles[0]), creditsTile(at(rehearsal, "forecast")), tiles.slice(1).map(tile)) : null,
    standsOut(rehearsal),
    list(rehearsal, "verdict", "reasons").length ? [element("h3", {}, "Why"), bullets(list(rehearsal, "verdict", "reasons"))] : null,
    list(rehearsal, "warnings").length
      ? element("div", { class: "panel warning" }, element("h3", {}, "To keep in mind"), bullets(list(rehearsal, "warnings"))) : null,
    objectiveTable(list(rehearsal, "objectives")));
}

function figures(rehearsal) {
  const metrics = list(rehearsal, "metrics");
  if (!metrics.length) return null;
  const verdict = at(rehearsal, "verdict");
  return section("figures", "All figures",
    note("Geometric means over the pairs, candidate to baseline. The band in the picture is what counts as unchanged",
      isNumber(at(verdict, "margin")) ? ` (${formatRatio(verdict.margin)})` : "",
      ". The noise floor is the largest ratio that two runs of the same build showed. Bold figures count for the verdict."),
    comparisonTable("Comparison of the whole load", metrics));
}
