// Turns by j and k, all thoughts by t.
"use strict";
(() => {
  const stops = [...document.querySelectorAll("[data-stop]")];
  const step = (by) => {
    const now = stops.indexOf(document.activeElement);
    const next = stops[Math.min(stops.length - 1, Math.max(0, now + by))];
    if (next) next.focus();
  };
  const fold = () => {
    const all = [...document.querySelectorAll("details.thought")];
    const open = all.some((each) => !each.open);
    all.forEach((each) => { each.open = open; });
  };
  const keys = { j: () => step(1), k: () => step(-1), t: fold };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
