// What would be paid, shown anew as the choice changes. The server says it; without this script its button asks for it.
"use strict";

(() => {
  const form = document.querySelector("[data-pay-form]");
  const state = form.querySelector("[data-preview-state]");
  const update = form.querySelector("[data-update]");
  const choices = ["what", "invoice", "amount", "credits"];
  let latest = 0;
  let timer;
  // Enter presses a form's first button that submits: with this script that is Pay, without it the one that shows.
  const put = (is) => {
    update.hidden = !is;
    update.querySelector("button").type = is ? "submit" : "button";
  };
  put(false);

  const chosen = () => new URLSearchParams([...new FormData(form)].filter(([name]) => choices.includes(name)));
  const shut = (is) => {
    for (const button of form.querySelectorAll(".btn-pay")) button.disabled = is;
  };
  const replace = (html) => {
    const parts = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-live]");
    for (const part of parts) form.querySelector(`[data-live="${part.dataset.live}"]`).replaceWith(part);
  };
  const tell = () => {
    const amount = form.elements.namedItem("amount");
    const problem = form.querySelector('[data-live="choice-problem"]');
    const wrong = amount.value !== "" && !problem.hidden;
    amount.classList.toggle("is-invalid", wrong);
    amount.toggleAttribute("aria-invalid", wrong);
    state.textContent = form.querySelector(".btn-pay")?.textContent ?? "";
  };

  async function show() {
    const mine = ++latest;
    try {
      const answer = await fetch(`${form.dataset.preview}?${chosen()}`, { redirect: "error" });
      if (!answer.ok) throw new Error(answer.statusText);
      const html = await answer.text();
      if (mine !== latest) return;
      replace(html);
      tell();
    } catch {
      if (mine !== latest) return;
      // The button on the page is of another choice: the server would refuse it. What works without scripts is left.
      put(true);
      shut(false);
    }
  }

  const ask = (wait) => {
    // From here on the button would be of another choice.
    latest += 1;
    shut(true);
    clearTimeout(timer);
    timer = setTimeout(show, wait);
  };
  const pick = (what) => {
    const radio = form.querySelector(`input[name="what"][value="${what}"]`);
    if (radio) radio.checked = true;
  };

  // An amount that has just been typed is looked at first.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.name === "amount") event.preventDefault();
  });
  form.addEventListener("input", (event) => {
    if (event.target.name === "amount") {
      pick("amount");
      ask(300);
    }
  });
  form.addEventListener("change", (event) => {
    const { name } = event.target;
    if (!choices.includes(name) || name === "amount") return;
    const amount = form.querySelector('input[name="what"][value="amount"]');
    if (name === "invoice" && !amount.checked) pick("chosen");
    if (name === "what" && amount.checked) form.elements.namedItem("amount").focus();
    ask(0);
  });
  // Enter in the amount's field asks; it never pays what was shown before.
  form.elements.namedItem("amount").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    ask(0);
  });
  // Back from the next page: browsers restore what was chosen, and not what was shown for it.
  window.addEventListener("pageshow", () => {
    if (chosen().toString() !== new URLSearchParams(form.dataset.chosen).toString()) ask(0);
  });
  form.dataset.chosen = new URLSearchParams([...form.querySelectorAll("input")].filter((each) => choices.includes(each.name)
    && (each.type === "text" || each.defaultChecked)).map((each) => [each.name, each.defaultValue])).toString();
})();
