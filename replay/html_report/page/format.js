// Figures as people read them. Null is an en dash.

const NOTHING = "\u2013";
const THIN = "\u202f";
const ARROW = "\u2192";

function formatNumber(value) {
  if (!isNumber(value)) return NOTHING;
  const size = Math.abs(value);
  if (size < 1e-9) return "0";  // what rounding leaves of nothing
  if (size < 1) return String(Number(value.toPrecision(2)));
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

function formatBytes(value) {
  if (!isNumber(value)) return NOTHING;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit + 1 < units.length) {
    value /= 1024;
    ++unit;
  }
  return `${formatNumber(unit ? Number(value.toPrecision(3)) : value)}${THIN}${units[unit]}`;
}

function formatMilliseconds(value) {
  return isNumber(value) ? `${formatNumber(value)}${THIN}ms` : NOTHING;
}

function formatShare(value) {
  return isNumber(value) ? `${formatNumber(value * 100)}${THIN}%` : NOTHING;
}

function formatDuration(seconds) {
  if (!isNumber(seconds)) return NOTHING;
  if (seconds < 60) return `${formatNumber(seconds)}${THIN}s`;
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  const [name, size] = units[first];
  const whole = Math.floor(seconds / size);
  const rest = first + 1 < units.length ? Math.floor((seconds % size) / units[first + 1][1]) : 0;
  return `${whole}${THIN}${name}` + (rest ? ` ${rest}${THIN}${units[first + 1][0]}` : "");
}

// "2026-03-02 09:00:00 UTC": as in the document, without letting a time zone in.
function formatTime(text) {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})/.exec(text ?? "");
  return match ? `${match[1]} ${match[2]} UTC` : NOTHING;
}

// "619 to 25.4" would be read as a range: an arrow is a change.
function formatChange(before, after, format = formatNumber) {
  return `${format(before)} ${ARROW} ${format(after)}`;
}

function formatRatio(ratio) {
  return isNumber(ratio) ? `${formatNumber(ratio)}${THIN}\u00d7` : NOTHING;
}

// "-95.9 %" for 0.041; above a factor of three the factor itself says more.
function formatRelative(ratio) {
  if (!isNumber(ratio)) return NOTHING;
  if (ratio >= 3) return `${formatNumber(ratio)} times`;
  const percent = (ratio - 1) * 100;
  if (Math.abs(percent) < 0.05) return `\u00b10${THIN}%`;
  const text = Math.abs(percent) < 10 || ratio < 0.1 ? Math.abs(percent).toFixed(1) : Math.abs(percent).toFixed(0);
  return `${percent < 0 ? "\u2212" : "+"}${text}${THIN}%`;
}

function formatProbability(value) {
  return isNumber(value) && value < 0.0001 ? "< 0.0001" : formatNumber(value);
}

// How a metric's values are written, by its key and unit.
function metricFormat(metric) {
  const key = String(at(metric, "key") ?? "");
  const unit = String(at(metric, "unit") ?? "");
  if (key.includes("bytes")) return (value) => formatBytes(value) + (unit === "a second" && isNumber(value) ? "/s" : "");
  if (key.endsWith("_time") && unit === "a second") return (value) => formatMilliseconds(value) + (isNumber(value) ? "/s" : "");
  if (unit === "ms") return formatMilliseconds;
  if (unit === "share") return formatShare;
  if (unit === "a second") return (value) => formatNumber(value) + (isNumber(value) ? "/s" : "");
  return formatNumber;
}
