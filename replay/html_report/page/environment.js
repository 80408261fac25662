// What was rehearsed on, with what traffic, and what each counter is worth.

function sideFacts(name, side) {
  return element("div", {}, element("h3", {}, name), facts([["URL", at(side, "url")],
    ["Build", [at(side, "build_version"), at(side, "build_timestamp")].filter(Boolean).join(", ")],
    ["Database", at(side, "database")], ["Device", at(side, "device")],
    ["Data", isNumber(at(side, "data_bytes")) ? formatBytes(side.data_bytes) : null],
    ["Cache", isNumber(at(side, "cache_bytes")) ? formatBytes(side.cache_bytes) : null],
    ...entries(side, "settings").map(([key, value]) => [key, element("code", {}, value)])]));
}

function stepTable(steps) {
  if (!steps.length) return null;
  return [table("Steps before the runs", columns("Step", "Began", "#Took", "#Exit code"), steps.map((step) => [at(step, "name"),
    formatTime(at(step, "started_at")), formatDuration(at(step, "seconds")), formatNumber(at(step, "exit_code"))])),
  steps.filter((step) => at(step, "output")).map((step) => fold(`Output of ${at(step, "name")}`,
    scrolling(`Output of ${at(step, "name")}`, element("pre", {}, step.output))))];
}

function testTable(tests) {
  const found = list(tests, "tests");
  if (!found.length) return null;
  return table("Smoke tests, candidate against baseline", columns("Test", "Change", "Error"), found.map((each) => [at(each, "name"),
    at(each, "change"), at(each, "error")]));
}

function leafText(value) {
  return typeof value === "string" ? value : value === null ? NOTHING : JSON.stringify(value);
}

function statisticsTable(statistics) {
  if (!statistics.length) return null;
  return [table("Statistics", columns("Between", "Verdict", "Counts"), statistics.map((each) => [at(each, "between"),
    badge(at(each, "verdict"), "small"), reasonsText(entries(each, "counts"))])),
  statistics.filter((each) => list(each, "paths").length).map((each) => fold(`Paths: ${at(each, "between")}`,
    table(`Statistics ${at(each, "between")}`, columns("Path", "Outcome", "#Before", "#After", "Rule", "Reason"),
      list(each, "paths").map((path) => [element("code", {}, at(path, "path")), reasonName(at(path, "outcome")), leafText(at(path, "before")),
        leafText(at(path, "after")), element("code", {}, at(path, "rule")), at(path, "reason")]))))];
}

function environmentSection(rehearsal) {
  const environment = at(rehearsal, "environment");
  const traffic = at(rehearsal, "traffic");
  const ratio = at(environment, "production_data_cache_ratio");
  return section("environment", "Environment",
    element("div", { class: "two" }, sideFacts("Baseline", at(environment, "baseline")), sideFacts("Candidate", at(environment, "candidate"))),
    isNumber(ratio) ? paragraph(`In production data is ${formatNumber(ratio)} times the cache.`) : null,
    element("h3", {}, "Traffic"), facts([["Recordings", list(traffic, "recordings").join(", ")],
      ["Requests a run", isNumber(at(traffic, "requests")) ? formatNumber(traffic.requests) : null], ["Pacing", at(traffic, "pacing")],
      ...list(traffic, "options").map((option) => [`--${at(option, "flag")}`, element("code", {}, at(option, "value"))])]),
    testTable(at(environment, "tests")), statisticsTable(list(environment, "statistics")), stepTable(list(environment, "steps")));
}

function aboutSection(rehearsal) {
  const verdict = at(rehearsal, "verdict");
  const counters = list(rehearsal, "counters");
  return section("about", "Counters and versions",
    counters.length ? table("What was counted, and what each counter is worth", columns("Counter", "Side", "There", "Worth"),
      counters.map((counter) => [at(counter, "name"), at(counter, "side"), at(counter, "available") ? "yes" : ["no: ", at(counter, "problem")],
        at(counter, "worth")])) : null,
    facts([["Version", at(rehearsal, "tool_version")], ["Document", `rehearsal.json, schema ${at(rehearsal, "schema") ?? NOTHING}`],
      ["Significance", isNumber(at(verdict, "alpha")) ? `alpha ${formatNumber(verdict.alpha)}` : null],
      ["Pairs", isNumber(at(verdict, "pairs")) ? `${verdict.pairs} valid, ${at(verdict, "pairs_needed") ?? NOTHING} needed` : null],
      ["Charts", hasCharts() ? "uPlot, MIT licence" : "left out at build"]]));
}
