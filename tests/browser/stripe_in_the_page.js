// Answers in place of js.stripe.com in the tests of the pages: the parts of its interface that the pages use.
window.Stripe = (key) => ({
  elements: () => ({
    create: () => {
      const input = document.createElement("input");
      input.id = "card-number";
      input.setAttribute("aria-label", "Card number");
      input.placeholder = "1234 1234 1234 1234";
      input.className = "w-100 border-0 bg-transparent text-reset";
      return { mount: (where) => where.replaceChildren(input), on: () => {}, update: () => {} };
    },
  }),
  createPaymentMethod: async () => {
    await window.held; // a promise by which a test keeps the answer back
    const number = document.getElementById("card-number").value.replaceAll(" ", "");
    if (number.length < 16) return { error: { message: "Your card number is incomplete." } };
    const made = { 4000000000009995: "pm_declined", 4000002500003155: "pm_needs_bank" };
    return { paymentMethod: { id: made[number] ?? "pm_visa" } };
  },
  handleNextAction: () =>
    new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      const button = document.createElement("button");
      button.textContent = "Complete authentication";
      button.onclick = () => {
        dialog.remove();
        resolve({ paymentIntent: { status: "requires_confirmation" } });
      };
      dialog.append(button);
      document.body.append(dialog);
      dialog.showModal();
    }),
});
