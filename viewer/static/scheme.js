// Light or dark: what the system says, until somebody switches. Runs before the page is drawn.
"use strict";
(() => {
  const root = document.documentElement;
  const kept = localStorage.getItem("scheme");
  if (kept === "light" || kept === "dark") root.dataset.scheme = kept;
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-scheme-switch]")) return;
    const dark = root.dataset.scheme
      ? root.dataset.scheme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.scheme = dark ? "light" : "dark";
    localStorage.setItem("scheme", root.dataset.scheme);
  });
})();
