// Small comforts; every page works without them. A form that was sent says so and is not sent twice.
"use strict";

const portal = {
  begin(form, button) {
    form.dataset.sent = "yes";
    if (!button || button.dataset.idle !== undefined) return;
    button.dataset.idle = button.textContent;
    button.setAttribute("aria-busy", "true");
    if (button.dataset.working) button.textContent = button.dataset.working;
  },
  end(form) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) {
      button.removeAttribute("aria-busy");
      button.textContent = button.dataset.idle;
      delete button.dataset.idle;
    }
  },
};
window.portal = portal;

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  const button = event.submitter;
  portal.begin(event.target, button?.dataset.working ? button : null);
});

// Back from the next page: the browser may show this one as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) portal.end(form);
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Menus are <details>: they open without a script; this closes them as people expect.
const menus = [...document.querySelectorAll("details.menu")];
document.addEventListener("click", (event) => {
  for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What has the focus may not lie under the bar that stays at the bottom (WCAG 2.2, 2.4.11). Browsers scroll to what is off
// the screen only; this heeds the scroll padding too.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches(":focus-visible") && !target.closest(".pay-bar, .choose-bar")) target.scrollIntoView({ block: "nearest" });
});
