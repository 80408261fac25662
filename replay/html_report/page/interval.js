// A ratio with its interval on a logarithmic scale, as a small picture beside the figures in a table.

const INTERVAL_WIDTH = 150;
const INTERVAL_HEIGHT = 20;
const INTERVAL_SCALES = [2, 10, 100, 1000];  // times and as much less; beyond the last the picture ends at its edge

function svgElement(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

// The smallest scale that all of them fit.
function intervalScale(metrics) {
  const sizes = metrics.flatMap((metric) => ["ratio", "low", "high"].map((member) => at(metric, member)))
    .filter((ratio) => isNumber(ratio) && ratio > 0).map((ratio) => Math.max(ratio, 1 / ratio));
  return INTERVAL_SCALES.find((scale) => sizes.every((size) => size <= scale)) ?? INTERVAL_SCALES.at(-1);
}

function intervalPicture(metric, scale) {
  const intervalPosition = (ratio) => {
    const place = Math.max(-1, Math.min(1, Math.log(ratio) / Math.log(scale)));
    return 5 + ((place + 1) / 2) * (INTERVAL_WIDTH - 10);
  };
  const [ratio, low, high] = [at(metric, "ratio"), at(metric, "low"), at(metric, "high")];
  if (!isNumber(ratio) || ratio <= 0) return null;
  const middle = INTERVAL_HEIGHT / 2;
  const picture = svgElement("svg", { class: `interval ${String(at(metric, "verdict"))}`, width: INTERVAL_WIDTH,
    height: INTERVAL_HEIGHT, viewBox: `0 0 ${INTERVAL_WIDTH} ${INTERVAL_HEIGHT}`, "aria-hidden": "true" });
  const margin = at(metric, "margin");
  if (isNumber(margin) && margin > 1) {
    const left = intervalPosition(1 / margin);
    picture.append(svgElement("rect", { class: "margin", x: left, y: 1, width: intervalPosition(margin) - left,
      height: INTERVAL_HEIGHT - 2 }));
  }
  picture.append(svgElement("line", { class: "axis", x1: 0, x2: INTERVAL_WIDTH, y1: middle, y2: middle }));
  picture.append(svgElement("line", { class: "one", x1: intervalPosition(1), x2: intervalPosition(1), y1: 1,
    y2: INTERVAL_HEIGHT - 1 }));
  if (isNumber(low) && isNumber(high) && low > 0) {
    picture.append(svgElement("line", { class: "range", x1: intervalPosition(low), x2: intervalPosition(high), y1: middle,
      y2: middle }));
  }
  picture.append(svgElement("circle", { class: "point", cx: intervalPosition(ratio), cy: middle, r: 4 }));
  return picture;
}

function comparisonColumns(scale) {
  return columns("Figure", "#Baseline \u2192 candidate", "#Change", "#Ratio and interval", `1/${scale} to ${scale} times`, "Verdict",
    "#Noise floor", "#p");
}

// A ratio beyond the margin that is no change, since so little does not matter: the reason has to be beside it.
function surprise(metric) {
  const [ratio, margin] = [at(metric, "ratio"), at(metric, "margin")];
  const beyond = isNumber(ratio) && isNumber(margin) && (ratio > margin || ratio < 1 / margin);
  return beyond && at(metric, "verdict") === "equivalent" ? element("span", { class: "worth" }, at(metric, "reason")) : null;
}

function comparisonCells(metric, scale) {
  const range = isNumber(at(metric, "low")) && isNumber(at(metric, "high"))
    ? ` [${formatNumber(metric.low)}, ${formatNumber(metric.high)}]` : "";
  return [formatChange(at(metric, "baseline"), at(metric, "candidate"), metricFormat(metric)), formatRelative(at(metric, "ratio")),
    isNumber(at(metric, "ratio")) ? formatRatio(metric.ratio) + range : NOTHING, intervalPicture(metric, scale),
    [badge(at(metric, "verdict"), "small"), surprise(metric)], formatRatio(at(metric, "noise_floor")),
    formatProbability(at(metric, "p_adjusted") ?? at(metric, "p_sign_flip"))];
}

// One row a comparison; what the counter is worth stands under its name.
function comparisonTable(caption, metrics) {
  const scale = intervalScale(metrics);
  return table(caption, comparisonColumns(scale), metrics.map((metric) => [
    element("div", { class: "figure-name" },
      element("span", { class: at(metric, "headline") ? "headline-metric" : null }, at(metric, "name") ?? at(metric, "key")),
      at(metric, "worth") ? element("span", { class: "worth" }, metric.worth) : null),
    ...comparisonCells(metric, scale)]));
}
