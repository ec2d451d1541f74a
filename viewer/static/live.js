// Parts of a page that the server sends again whenever they have changed.
"use strict";
for (const part of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(part.dataset.live);
  source.addEventListener("part", (event) => { part.innerHTML = event.data; });
  source.addEventListener("over", () => source.close());
  addEventListener("pagehide", () => source.close());
}
