// Puts the page together, and keeps its charts in step with the colour scheme, the paper and the window.

function navigation(sections) {
  return element("nav", { "aria-label": "On this page" }, element("ul", {}, sections.map((each) =>
    element("li", {}, element("a", { href: `#${each.id}` }, each.querySelector("h2").textContent)))));
}

// A link to something folded opens it.
function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (target instanceof HTMLDetailsElement) target.open = true;
}

// On paper everything is unfolded and light.
function followPrinting() {
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
    document.documentElement.classList.add("paper");
    redrawCharts();
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
    document.documentElement.classList.remove("paper");
    redrawCharts();
  });
}

function show() {
  const page = readDocument();
  const isReplay = document.documentElement.dataset.kind === "replay";
  const parts = (isReplay ? replayView(page) : rehearsalView(page)).filter(Boolean);
  const [head, ...sections] = parts;
  document.title = `${head.querySelector(".badge").textContent.trim()}: ${at(page, "name") ?? at(page, "target") ?? "report"}`;
  const main = element("main", { id: "main" }, head, navigation(sections), sections);
  document.body.append(main, element("footer", {}, "Made by understudy-replay. This file needs no network, and nothing else beside it."));
  for (const draw of whenPlaced) draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
  addEventListener("hashchange", openTarget);
  followPrinting();
  openTarget();
}

show();
