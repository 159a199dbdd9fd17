// The bank's check (3-D Secure). Whatever it says, our server asks Stripe itself how the payment stands.
"use strict";

(() => {
  const box = document.querySelector("[data-confirm]");
  const state = box.querySelector("[data-confirm-state]");
  const again = box.querySelector("[data-confirm-again]");
  const done = box.querySelector("[data-confirm-done]");
  const fail = (text) => {
    state.textContent = text;
    again.hidden = false;
  };

  async function open() {
    again.hidden = true;
    state.textContent = "Waiting for your bank…";
    if (!window.Stripe) {
      fail("Your bank's window could not be loaded. Nothing was charged. Reload the page to try again.");
      return;
    }
    let result;
    try {
      result = await window.Stripe(box.dataset.key).handleNextAction({ clientSecret: box.dataset.secret });
    } catch {
      result = { error: { message: "Your bank's window did not open. Nothing was charged." } };
    }
    if (result.error && !result.error.payment_intent && !result.error.setup_intent) {
      fail(result.error.message);
      return;
    }
    state.textContent = box.dataset.finishing || "Finishing your payment…";
    done.requestSubmit();
  }

  again.addEventListener("click", () => (box.dataset.secret ? open() : location.reload()));
  if (box.dataset.secret) open();
  else fail("Your bank's window is not ready yet. Nothing was charged.");
})();
