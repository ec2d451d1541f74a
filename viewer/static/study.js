// Ratings by keyboard, and answers that did not arrive: sent again until they are kept.
"use strict";
(() => {
  const AGAIN_MS = 2000;
  const asks = () => [...document.querySelectorAll("form.ask")];
  const open = (form) => !form.hasAttribute("data-answered");
  const unsaved = () => document.getElementById("unsaved");
  let waiting = null;

  function current() {
    const focused = document.activeElement && document.activeElement.closest("form.ask");
    return focused || asks().find(open) || asks()[0];
  }

  function goOn(from) {
    const all = asks();
    const at = all.findIndex((form) => form.dataset.ask === from);
    const next = all.slice(at + 1).find(open) || all.find(open);
    const stop = next ? next.querySelector("button") : document.querySelector("[data-next]");
    if (!stop) return;
    stop.focus({ preventScroll: true });
    (next || stop).scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
    const form = current();
    const button = form && form.querySelector(`button[data-key="${event.key}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt.closest("form.ask");
    if (!form) return;
    const pressed = event.detail.requestConfig.triggeringEvent;
    const button = (pressed && pressed.submitter) || document.activeElement;
    waiting = { ask: form.dataset.ask, value: button && button.value };
  });

  document.addEventListener("htmx:afterSettle", () => {
    unsaved().textContent = "";
    if (!waiting) return;
    const { ask } = waiting;
    waiting = null;
    goOn(ask);
  });

  function again() {
    if (!waiting) return;
    const { ask, value } = waiting;
    unsaved().textContent = "Your last answer is not kept yet; it is being sent again. You may leave this page open.";
    setTimeout(() => {
      const form = asks().find((each) => each.dataset.ask === ask);
      const button = form && form.querySelector(`button[value="${value}"]`);
      if (waiting && button) button.click();
    }, AGAIN_MS);
  }
  document.addEventListener("htmx:sendError", again);
  document.addEventListener("htmx:timeout", again);
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500) again();
    else unsaved().textContent = "This answer could not be kept. Load the page again.";
  });
})();
