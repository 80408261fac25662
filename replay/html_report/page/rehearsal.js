// The view of rehearsal.json (docs/rehearsal.md).

function rehearsalView(rehearsal) {
  return [rehearsalHead(rehearsal), rehearsalSummary(rehearsal), readsAndCredits(rehearsal), latencySection(rehearsal),
    queriesSection(rehearsal), routesSection(rehearsal), figures(rehearsal), runsSection(rehearsal), environmentSection(rehearsal),
    aboutSection(rehearsal)];
}
