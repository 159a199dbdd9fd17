// Card entry: Stripe's own field in the page; only the id of what it makes reaches our server.
"use strict";

(() => {
  const form = document.querySelector("[data-pay-form], [data-card-form]");
  const field = form.querySelector("[data-card-field]");
  const problem = form.querySelector("[data-card-problem]");
  const newCard = form.querySelector("[data-new-card]");
  const method = form.elements.namedItem("payment_method");
  // Where no card is saved there is no choice, and the new one is it. Credits that cover all need none.
  const usesNewCard = () => (!newCard || newCard.checked) && !form.querySelector('[data-charge="0"]');
  const asksOnly = (event) => event.submitter?.name === "preview";
  const say = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };

  if (!window.Stripe) {
    say("The card field could not be loaded. Nothing was charged. Reload the page to try again.");
    form.addEventListener("submit", (event) => {
      if (usesNewCard() && !asksOnly(event)) event.preventDefault();
    });
    return;
  }

  const style = () => {
    const look = getComputedStyle(field);
    const faint = getComputedStyle(document.documentElement).getPropertyValue("--ink-soft").trim();
    const base = { color: look.color, iconColor: look.color, fontFamily: look.fontFamily, fontSize: "16px" };
    return { base: { ...base, "::placeholder": { color: faint } }, invalid: { color: look.color } };
  };
  const stripe = window.Stripe(form.dataset.key);
  const card = stripe.elements().create("card", { style: style() });
  card.mount(field);
  card.on("change", (event) => say(event.error ? event.error.message : ""));
  card.on("focus", () => field.classList.add("is-focused"));
  card.on("blur", () => field.classList.remove("is-focused"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => card.update?.({ style: style() }));

  form.addEventListener("submit", async (event) => {
    if (!usesNewCard() || asksOnly(event)) {
      method.value = "";
      return;
    }
    event.preventDefault();
    if (form.dataset.sent) return;
    say("");
    window.portal.begin(form, form.querySelector(".btn-primary"));
    let result;
    try {
      result = await stripe.createPaymentMethod({ type: "card", card });
    } catch {
      result = { error: { message: "The card could not be checked. Nothing was charged. Try again in a minute." } };
    }
    if (result.error) {
      window.portal.end(form);
      say(result.error.message);
      return;
    }
    method.value = result.paymentMethod.id;
    form.submit();
  });

  // A page that the browser kept must not send the card of the last try.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) method.value = "";
  });
})();
