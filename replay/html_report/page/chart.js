// Line charts by uPlot, each with a name, a legend, a table and the keyboard: arrow keys walk along the points, and what
// they say stands below the chart and is told to a screen reader.

const drawnCharts = [];

function hasCharts() {
  return typeof uPlot === "function";
}

function styleValue(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function legendItem(line) {
  return element("li", { class: `side-${line.side}` },
    element("span", { class: `swatch ${line.dash ? "dashed" : ""}`, "aria-hidden": "true" }), line.label);
}

function chartSeries(line) {
  const color = styleValue(`--${line.side}`);
  return { label: line.label, stroke: color, width: line.thin ? 1 : 2, dash: line.dash ? [6, 4] : undefined, spanGaps: false,
    points: { show: line.points === true, size: 6, fill: color } };
}

// Steps of a time axis, in its own unit of so many seconds.
function timeSteps(unit) {
  return [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 259200, 864000, 8640000].map((step) => step / unit);
}

// Of a logarithmic axis only the decades, or 1, 2 and 5 of each where there are few.
function decades(low, high) {
  const all = [];
  const parts = high / low > 1000 ? [1] : [1, 2, 5];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); ++decade) {
    all.push(...parts.map((part) => part * 10 ** decade));
  }
  return all.filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

function chartAxis(format) {
  return { stroke: styleValue("--muted"), grid: { show: false }, ticks: { stroke: styleValue("--line"), width: 1 },
    font: "12px system-ui, sans-serif", values: (_, splits) => splits.map((value) => (value === null ? "" : format(value))) };
}

function axisX(chart) {
  const axis = { ...chartAxis(chart.formatX), size: 36, space: 100 };
  if (chart.splitsX) {
    axis.splits = () => chart.splitsX;
    axis.values = (drawn, splits) => splits.map((value, index) => (drawn.width < 560 && index % 2 ? "" : chart.formatX(value)));
  }
  if (chart.secondsX) axis.incrs = timeSteps(chart.secondsX);
  return axis;
}

function axisY(chart) {
  const axis = { ...chartAxis(chart.formatY), size: 76, grid: { stroke: styleValue("--line"), width: 1 } };
  if (chart.logarithmic) axis.splits = (_, __, low, high) => decades(low, high);
  if (chart.logarithmic) axis.filter = (_, splits) => splits;
  return axis;
}

function chartOptions(chart, width) {
  return {
    width, height: CHART_HEIGHT, legend: { show: false }, cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: false },
      y: { distr: chart.logarithmic ? 3 : 1, range: chart.logarithmic ? undefined : (_, __, max) => [0, (max || 1) * 1.08] },
    },
    axes: [axisX(chart), axisY(chart)],
    series: [{ label: chart.xName }, ...chart.lines.map(chartSeries)],
    bands: (chart.bands ?? []).map(([upper, lower]) => ({ series: [upper + 1, lower + 1],
      fill: `color-mix(in srgb, ${styleValue(`--${chart.lines[upper].side}`)} 22%, transparent)` })),
  };
}

// What the chart says at one point.
function pointText(chart, index) {
  const said = chart.lines.filter((line) => isNumber(line.values[index]))
    .map((line) => `${line.label} ${chart.formatY(line.values[index])}`);
  return said.length ? `${chart.xName} ${chart.formatX(chart.x[index])}: ${said.join(", ")}` : "";
}

// Points that have a value: gaps between runs are nothing to stop at.
function pointsOf(chart) {
  return chart.x.map((_, index) => index).filter((index) => chart.lines.some((line) => isNumber(line.values[index])));
}

function walkByKeys(chart, plot, readout, instance) {
  const points = pointsOf(chart);
  let place = -1;
  const show = () => {
    const index = points[place];
    readout.textContent = pointText(chart, index);
    plot.setAttribute("aria-valuenow", String(place));
    plot.setAttribute("aria-valuetext", readout.textContent);
    instance().setCursor({ left: instance().valToPos(chart.x[index], "x"), top: 0 }, false);
  };
  plot.addEventListener("keydown", (event) => {
    const last = points.length - 1;
    const steps = { ArrowRight: place + 1, ArrowLeft: place - 1, PageDown: place + 10, PageUp: place - 10, Home: 0, End: last };
    if (!Object.hasOwn(steps, event.key) || last < 0) return;
    event.preventDefault();
    place = Math.max(0, Math.min(last, steps[event.key]));
    show();
  });
  plot.setAttribute("aria-valuemax", String(Math.max(0, points.length - 1)));
}

const CHART_HEIGHT = 280;
const PAPER_WIDTH = 680;  // what A4 and Letter have between their margins, in CSS pixels

function chartWidth(plot) {
  return document.documentElement.classList.contains("paper") ? PAPER_WIDTH : Math.max(240, plot.clientWidth);
}

function drawInto(chart, plot, readout) {
  let instance = null;
  const draw = () => {
    if (instance) instance.destroy();
    const options = chartOptions(chart, chartWidth(plot));
    options.hooks = { setCursor: [(drawn) => {
      if (isNumber(drawn.cursor.idx)) readout.textContent = pointText(chart, drawn.cursor.idx) || readout.textContent;
    }] };
    instance = new uPlot(options, [chart.x, ...chart.lines.map((line) => line.values)], plot);
  };
  draw();
  walkByKeys(chart, plot, readout, () => instance);
  let width = plot.clientWidth;
  new ResizeObserver(() => {
    if (plot.clientWidth === width || plot.clientWidth === 0) return;
    width = plot.clientWidth;
    instance.setSize({ width: chartWidth(plot), height: CHART_HEIGHT });
  }).observe(plot);
  drawnCharts.push(draw);
}

// chart: {title, about, x, xName, formatX, formatY, lines: [{label, side, values, dash, thin}], bands, logarithmic, splitsX,
// secondsX}; secondsX is how many seconds the unit of x has, where x is a time.
// `data` is the table of what is drawn. A line's side names its colour: baseline or candidate.
function chartFigure(chart, data) {
  const caption = element("figcaption", {}, element("h3", {}, chart.title), chart.about ? paragraph(chart.about) : null);
  const figure = element("figure", {}, caption);
  const shown = pointsOf(chart).length > 1;
  if (hasCharts() && shown) {
    const plot = element("div", { class: "plot", role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuenow": "0",
      "aria-valuetext": "arrow keys walk along the points", "aria-label": `Chart: ${chart.title}` });
    const readout = element("p", { class: "readout", "aria-hidden": "true" });
    append(figure, [element("ul", { class: "legend" }, chart.lines.map(legendItem)), plot, readout]);
    whenPlaced.push(() => drawInto(chart, plot, readout));
  } else {
    append(figure, [note(shown ? "This build of understudy-replay has no chart library: the table has the figures."
      : "Too few points for a chart.")]);
  }
  const folded = fold(`Table: ${chart.title}`, data);
  folded.open = !hasCharts() || !shown;
  append(figure, [folded]);
  return figure;
}

// Charts take their width from the page, so they are drawn when it stands.
const whenPlaced = [];

function redrawCharts() {
  for (const draw of drawnCharts) draw();
}
