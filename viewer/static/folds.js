// What is folded in a narrow window, unless it is in use, stands open in a wide one; without scripts it always does.
"use strict";
(() => {
  const narrow = matchMedia("(max-width: 40rem)");
  const set = () => document.querySelectorAll("[data-folds]").forEach((each) => {
    each.open = !narrow.matches || each.dataset.folds === "kept";
  });
  narrow.addEventListener("change", set);
  set();
})();
