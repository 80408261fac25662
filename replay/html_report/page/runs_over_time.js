// A rehearsal's runs one after the other on one time line: each in the colour of its side, with gaps between them.

// The start of the rehearsal's first run, in seconds.
function secondOf(time) {
  const parsed = Date.parse(time ?? "");
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

// lines: [{label, side, member, dash}]; x is seconds since the first run began.
function runTimeline(runs, lines) {
  const started = runs.map((run) => secondOf(at(run, "started_at")));
  const first = Math.min(...started.filter(isNumber));
  const x = [];
  const values = lines.map(() => []);
  runs.forEach((run, number) => {
    const origin = isNumber(started[number]) ? started[number] - first : null;
    if (origin === null) return;
    const points = list(run, "series").filter((point) => isNumber(at(point, "second")));
    for (const point of points) {
      const time = origin + point.second;
      if (x.length && time <= x[x.length - 1]) continue;
      x.push(time);
      lines.forEach((line, index) => {
        const value = line.side === at(run, "side") ? at(point, line.member) : null;
        values[index].push(isNumber(value) ? value : null);
      });
    }
    if (points.length) {
      x.push(x[x.length - 1] + 1e-3);
      for (const column of values) column.push(null);
    }
  });
  return { x, lines: lines.map((line, index) => ({ ...line, values: values[index] })) };
}

function bothSides(name, member, options = {}) {
  return [{ label: `baseline ${name}`, side: "baseline", member, ...options },
    { label: `candidate ${name}`, side: "candidate", member, ...options }];
}

function runName(run) {
  const phase = at(run, "phase") === "aa" ? "A/A" : "pair";
  return `${at(run, "number") ?? NOTHING}: ${phase} ${at(run, "pair") ?? ""}, ${at(run, "side") ?? ""}`;
}

function meanOf(run, member) {
  let sum = 0;
  let seconds = 0;
  for (const point of list(run, "series")) {
    const value = at(point, member);
    const width = at(point, "seconds") ?? 1;
    if (!isNumber(value)) continue;
    sum += value * width;
    seconds += width;
  }
  return seconds ? sum / seconds : null;
}

function maxOf(run, member) {
  const found = list(run, "series").map((point) => at(point, member)).filter(isNumber);
  return found.length ? Math.max(...found) : null;
}
