// The keyboard: rows and turns by j and k, siblings and pages by arrows, search by /, these keys by ?.
"use strict";
(() => {
  const stops = () => [...document.querySelectorAll("[data-rows] tbody tr, [data-stop]")];
  const writes = (target) => target.closest("input, textarea, select, [contenteditable]");

  function move(step) {
    const all = stops();
    if (!all.length) return;
    const now = all.findIndex((each) => each.classList.contains("here"));
    const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + step));
    if (now >= 0) all[now].classList.remove("here");
    const stop = all[next];
    stop.classList.add("here");
    const link = stop.querySelector("a[href]") || stop;
    if (stop.matches("[data-stop]")) stop.setAttribute("tabindex", "-1");
    (stop.matches("[data-stop]") ? stop : link).focus({ preventScroll: true });
    stop.scrollIntoView({ block: "nearest" });
  }

  function follow(selector) {
    const link = document.querySelector(selector);
    if (link) link.click();
  }

  function fold() {
    const all = [...document.querySelectorAll("details.thought")];
    const open = all.some((each) => !each.open);
    all.forEach((each) => { each.open = open; });
  }

  const help = () => document.getElementById("keys").showModal();
  const actions = {
    j: () => move(1),
    k: () => move(-1),
    t: fold,
    ArrowLeft: () => follow("[data-previous]"),
    ArrowRight: () => follow("[data-next]"),
    "/": () => { const box = document.querySelector("[data-search]"); if (box) { box.focus(); box.select(); } },
    "?": help,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (writes(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (document.querySelector("dialog[open]") || !(event.key in actions)) return;
    if (event.target.closest("audio, video, [role=slider]") && event.key.startsWith("Arrow")) return;
    event.preventDefault();
    actions[event.key]();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) help();
  });
})();
