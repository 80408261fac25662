// A ratio with its interval on a logarithmic scale, as a small picture beside the figures in a table.

const INTERVAL_WIDTH = 150;
const INTERVAL_HEIGHT = 20;
const INTERVAL_DECADES = 2;  // 0.01 to 100 times; beyond that an arrow

function svgElement(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function intervalPosition(ratio) {
  const decades = Math.max(-INTERVAL_DECADES, Math.min(INTERVAL_DECADES, Math.log10(ratio)));
  return 4 + ((decades + INTERVAL_DECADES) / (2 * INTERVAL_DECADES)) * (INTERVAL_WIDTH - 8);
}

function intervalPicture(metric) {
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

const COMPARISON_COLUMNS = columns("Figure", "#Baseline", "#Candidate", "#Change", "#Ratio and interval", "0.01\u00d7 to 100\u00d7",
  "Verdict", "#Noise floor", "#p");

function comparisonCells(metric) {
  const format = metricFormat(metric);
  const range = isNumber(at(metric, "low")) && isNumber(at(metric, "high"))
    ? ` [${formatNumber(metric.low)}, ${formatNumber(metric.high)}]` : "";
  return [format(at(metric, "baseline")), format(at(metric, "candidate")), formatRelative(at(metric, "ratio")),
    isNumber(at(metric, "ratio")) ? formatRatio(metric.ratio) + range : NOTHING, intervalPicture(metric),
    badge(at(metric, "verdict")), formatRatio(at(metric, "noise_floor")),
    formatNumber(at(metric, "p_adjusted") ?? at(metric, "p_sign_flip"))];
}

// One row a comparison; what the counter is worth stands under its name.
function comparisonTable(caption, metrics) {
  return table(caption, COMPARISON_COLUMNS, metrics.map((metric) => [
    [element("span", { class: at(metric, "headline") ? "headline-metric" : null }, at(metric, "name") ?? at(metric, "key")),
      at(metric, "worth") ? element("span", { class: "worth" }, metric.worth) : null],
    ...comparisonCells(metric)]));
}
