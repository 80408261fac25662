// The runs themselves: whether the load was played as planned, and where each request went.

function latenessChart(rehearsal) {
  const runs = list(rehearsal, "runs");
  const rows = runs.map((run) => [runName(run), ...["p50", "p99", "max"].map((member) => formatMilliseconds(at(run, "lateness_ms", member))),
    formatNumber(at(run, "target_rate")), formatNumber(at(run, "achieved_rate"))]);
  return chartFigure({ title: "Lateness of the load, run by run", xName: "after", secondsX: 1, formatX: formatDuration, formatY: formatMilliseconds,
    about: "How long after a request was due the generator turned to it (p 99 of each second): its own fault, never the service's.",
    ...runTimeline(runs, bothSides("lateness", "lateness_p99_ms")) },
  table("Lateness and rate of each run", columns("Run", "#p50", "#p99", "#max", "#Rate wanted", "#Rate achieved"), rows));
}

function reasonName(reason) {
  return String(reason ?? NOTHING).replaceAll("_", " ");
}

function reasonsText(counts) {
  return counts.map(([reason, count]) => `${reasonName(reason)}: ${formatNumber(count)}`).join(", ") || NOTHING;
}

function ledgerTable(runs) {
  return table("Where each request went: planned = sent + held back, sent = completed + lost", columns("Run", "#Planned", "#Sent", "#Completed",
    "#Errors", "Held back", "Lost", "#Unaccounted", "#Left out"), runs.map((run) => [runName(run), formatNumber(at(run, "planned")),
    formatNumber(at(run, "sent")), formatNumber(at(run, "completed")), formatNumber(at(run, "errors")),
    reasonsText(entries(run, "held_back")), reasonsText(entries(run, "lost_by")), formatNumber(at(run, "unaccounted")),
    formatDuration(at(run, "excluded_seconds"))]));
}

function runTable(runs) {
  return table("Runs in the order of time", columns("Run", "Valid", "Began", "#Took", "Build", "#Data to cache", "#BurstBalance", "Folder"),
    runs.map((run) => [runName(run), at(run, "valid") ? "yes" : ["no: ", list(run, "reasons").join("; ")], formatTime(at(run, "started_at")),
      formatDuration(at(run, "duration_seconds")), at(run, "build_version"), formatNumber(at(run, "data_cache_ratio")),
      formatShare(at(run, "burst_balance")), element("code", {}, at(run, "folder"))]));
}

function pairTable(pairs) {
  return table("Pairs", columns("Pair", "Order", "#Runs", "Counts"), pairs.map((pair) => [
    `${at(pair, "phase") === "aa" ? "A/A" : "pair"} ${at(pair, "number") ?? ""}`, at(pair, "order"),
    `${at(pair, "first")} and ${at(pair, "second")}`, at(pair, "valid") ? "yes" : `no: ${at(pair, "reason")}`]));
}

function runsSection(rehearsal) {
  const runs = list(rehearsal, "runs");
  if (!runs.length) return section("runs", "Runs", note("No run took place."));
  const locks = list(rehearsal, "locks");
  return section("runs", "Runs and ledger", latenessChart(rehearsal), ledgerTable(runs),
    fold("Runs", runTable(runs)), list(rehearsal, "pairs").length ? fold("Pairs", pairTable(rehearsal.pairs)) : null,
    locks.length ? fold(`Lock waits (${locks.length})`, bullets(locks.map((lock) => `${at(lock, "side")}, run ${at(lock, "run")}: ${at(lock, "text")}`))) : null);
}
