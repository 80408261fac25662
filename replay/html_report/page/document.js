"use strict";
// The document that the page shows, and ways to read it that never throw: whoever wrote it, a missing member is nothing.

function readDocument() {
  return JSON.parse(document.getElementById("document").textContent);
}

// at(run, "latency_ms", "p99"): the member, or null when any step is missing.
function at(value, ...path) {
  for (const name of path) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) return null;
    value = value[name];
  }
  return value;
}

function list(value, ...path) {
  const found = path.length ? at(value, ...path) : value;
  return Array.isArray(found) ? found : [];
}

function entries(value, ...path) {
  const found = path.length ? at(value, ...path) : value;
  return found !== null && typeof found === "object" && !Array.isArray(found) ? Object.entries(found) : [];
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}
