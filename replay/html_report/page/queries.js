// Query classes before and after, with their plans. What got worse comes first and is open.

const ATTRIBUTIONS = {
  comment: "the application names the route in its SQL comments",
  time: "both came together in time, which is no proof",
};

function planOf(name, plan) {
  const text = at(plan, "text");
  return element("div", {}, element("h4", {}, name, at(plan, "kind") ? ` (${plan.kind})` : ""),
    text ? scrolling(`Plan, ${name}`, element("pre", {}, text)) : note(at(plan, "error") || "No plan was taken."));
}

function plans(found) {
  if (!found) return note("No plans were taken.");
  return element("div", {},
    paragraph(found.changed ? "The plan changed." : "The plan is the same on both sides."),
    element("div", { class: "two" }, planOf("baseline", at(found, "baseline")), planOf("candidate", at(found, "candidate"))));
}

function queryRoutes(query) {
  const routes = list(query, "routes");
  if (!routes.length) return null;
  const how = ATTRIBUTIONS[at(query, "attribution")];
  return paragraph("Caused by ", routes.map((each, index) => [index ? ", " : "", element("code", {}, at(each, "route")),
    ` (${formatShare(at(each, "share"))})`]), how ? `: ${how}.` : ".");
}

function queryClass(query, index) {
  const presence = { new: "only the candidate has it", vanished: "only the baseline has it" }[at(query, "presence")];
  const iops = at(query, "estimated_read_iops");
  const share = at(query, "share");
  const details = fold([badge(at(query, "verdict")), " ", element("code", { class: "query" }, at(query, "query") ?? at(query, "id")),
    element("span", { class: "worth" }, [
      iops ? `${formatChange(at(iops, "baseline"), at(iops, "candidate"))} estimated read IOPS` : null,
      share ? `${formatChange(at(share, "baseline"), at(share, "candidate"), formatShare)} of ${at(share, "of") ?? "the load"}` : null,
      presence].filter(Boolean).join(" \u00b7 "))],
  element("div", { class: "body" },
    paragraph(at(query, "reason")),
    element("pre", { class: "wrap" }, at(query, "query")),
    queryRoutes(query),
    list(query, "metrics").length ? comparisonTable("Figures of this query class", list(query, "metrics")) : null,
    plans(at(query, "plans")),
    note("Fingerprint ", element("code", {}, at(query, "id"))),
  ));
  details.id = `query-${index}`;
  details.className = `entry ${String(at(query, "verdict"))}`;
  details.open = at(query, "stands_out") === true;
  return details;
}

function queriesSection(rehearsal) {
  const all = list(rehearsal, "query_classes").map((query, index) => ({ query, index }));
  if (!all.length) return section("queries", "Queries", note("No query classes were observed."));
  const worse = all.filter(({ query }) => at(query, "stands_out") === true);
  const rest = all.filter(({ query }) => at(query, "stands_out") !== true);
  return section("queries", "Queries",
    note("Statements that differ only in literals, casts or layout are one class. Shares are of the counter named; read operations by class are estimates: share times measured reads."),
    [...worse, ...rest].map(({ query, index }) => queryClass(query, index)));
}
