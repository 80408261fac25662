// Each route: how fast, how often wrong, and whether the answers were the same.

function statusesOf(side) {
  return entries(side, "statuses").map(([status, count]) => `${status}: ${formatNumber(count)}`).join(", ");
}

function differencesOf(route, member) {
  const [before, after] = [at(route, "differences", "baseline", member), at(route, "differences", "candidate", member)];
  return before === null && after === null ? NOTHING : formatChange(before, after);
}

function routesSection(rehearsal) {
  const routes = list(rehearsal, "routes");
  if (!routes.length) return section("routes", "Routes", note("No route was seen."));
  const change = (route, ...path) => formatChange(at(route, "baseline", ...path), at(route, "candidate", ...path));
  const of = at(routes.find((route) => at(route, "differences", "of")), "differences", "of");
  const overview = table("Routes, baseline to candidate", columns("Route", "Verdict", "#p50 ms", "#p95 ms", "#p99 ms", "#Errors",
    "#Compared", "#Different", "#Status", "#Body"), routes.map((route) => [element("code", {}, at(route, "name")),
    badge(at(route, "verdict"), "small"), change(route, "latency_ms", "p50"), change(route, "latency_ms", "p95"), change(route, "latency_ms", "p99"),
    change(route, "errors"), differencesOf(route, "compared"), differencesOf(route, "different"),
    differencesOf(route, "status_mismatches"), differencesOf(route, "body_mismatches")]));
  const details = table("Requests of each route", columns("Route", "#Sent", "#Completed", "Statuses of the baseline",
    "Statuses of the candidate", "Reason"), routes.map((route) => [element("code", {}, at(route, "name")), change(route, "sent"),
    change(route, "completed"), statusesOf(at(route, "baseline")), statusesOf(at(route, "candidate")), at(route, "reason")]));
  const judged = routes.flatMap((route) => list(route, "metrics").map((metric) => ({ route, metric })));
  const scale = intervalScale(judged.map(({ metric }) => metric));
  const compared = judged.length ? fold("Figures of each route", table("Figures of each route", [{ text: "Route" }, ...comparisonColumns(scale)],
    judged.map(({ route, metric }) => [element("code", {}, at(route, "name")), at(metric, "name") ?? at(metric, "key"),
      ...comparisonCells(metric, scale)]))) : null;
  return section("routes", "Routes", of ? note(`Responses were compared with the ${of}.`) : null, overview,
    fold("Requests and statuses of each route", details), compared);
}
