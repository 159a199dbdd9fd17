// The card fields: plain labelled inputs drawn into the page. They have no names, so a form never submits them.

const BRANDS = [
  ["visa", /^4/],
  ["mastercard", /^(5[1-5]|2[2-7])/],
  ["amex", /^3[47]/],
  ["discover", /^6(011|5)/],
];

const KINDS = {
  cardNumber: { label: "Card number", autocomplete: "cc-number", placeholder: "1234 1234 1234 1234", code: "number" },
  cardExpiry: { label: "Expiry date", autocomplete: "cc-exp", placeholder: "MM / YY", code: "expiry" },
  cardCvc: { label: "Security code", autocomplete: "cc-csc", placeholder: "CVC", code: "cvc" },
  postalCode: { label: "Postal code", autocomplete: "postal-code", placeholder: "12345", code: "zip" },
};

let made = 0;

function digitsOf(text) {
  return text.replace(/\D/g, "");
}

function brandOf(number) {
  const found = BRANDS.find(([, start]) => start.test(number));
  return found ? found[0] : "unknown";
}

function luhn(digits) {
  let total = 0;
  [...digits].reverse().forEach((digit, place) => {
    const value = Number(digit) * (1 + (place % 2));
    total += value > 9 ? value - 9 : value;
  });
  return total % 10 === 0;
}

function grouped(digits) {
  const pattern = brandOf(digits) === "amex" ? /^(\d{1,4})(\d{1,6})?(\d{1,5})?/ : /(\d{1,4})/g;
  const parts = brandOf(digits) === "amex" ? (digits.match(pattern) || []).slice(1) : digits.match(pattern);
  return (parts || []).filter(Boolean).join(" ");
}

function expiryOf(text) {
  const digits = digitsOf(text);
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2, 4)), length: digits.length };
}

// What is wrong with a field's text, as Stripe.js says it, or null.
function complaint(kind, text, number) {
  const digits = digitsOf(text);
  const incomplete = (what) => ({ code: `incomplete_${KINDS[kind].code}`, message: `Your card's ${what} is incomplete.` });
  if (kind === "cardNumber") {
    const length = brandOf(digits) === "amex" ? 15 : 16;
    if (digits.length < length) return { code: "incomplete_number", message: "Your card number is incomplete." };
    return luhn(digits) ? null : { code: "invalid_number", message: "Your card number is invalid." };
  }
  if (kind === "cardExpiry") {
    const { month, year, length } = expiryOf(text);
    if (length < 4) return incomplete("expiration date");
    const now = new Date();
    if (month < 1 || month > 12) return { code: "invalid_expiry_month", message: "Your card's expiration date is invalid." };
    return year * 12 + month < now.getFullYear() * 12 + now.getMonth() + 1
      ? { code: "invalid_expiry_year_past", message: "Your card's expiration date is in the past." }
      : null;
  }
  if (kind === "cardCvc") {
    return digits.length < (brandOf(number) === "amex" ? 4 : 3) ? incomplete("security code") : null;
  }
  return text.trim() ? null : { code: "incomplete_zip", message: "Your postal code is incomplete." };
}

class Field {
  constructor(kind, options, changed) {
    made += 1;
    this.kind = kind;
    this.box = document.createElement("div");
    this.box.className = `stand-in-field stand-in-${kind}`;
    const label = document.createElement("label");
    label.textContent = KINDS[kind].label;
    this.input = document.createElement("input");
    this.input.id = `stand-in-field-${made}`;
    this.input.type = "text";
    this.input.inputMode = kind === "postalCode" ? "text" : "numeric";
    this.input.autocomplete = KINDS[kind].autocomplete;
    this.input.placeholder = KINDS[kind].placeholder;
    this.input.disabled = Boolean(options.disabled);
    this.input.setAttribute("aria-required", "true");
    label.htmlFor = this.input.id;
    this.box.append(label, this.input);
    this.input.addEventListener("input", () => {
      this.format();
      changed();
    });
    this.input.addEventListener("blur", () => this.mark());
  }

  get text() {
    return this.input.value;
  }

  format() {
    const digits = digitsOf(this.text);
    if (this.kind === "cardNumber") this.input.value = grouped(digits.slice(0, 19));
    if (this.kind === "cardCvc") this.input.value = digits.slice(0, 4);
    if (this.kind === "cardExpiry") {
      const padded = /^[2-9]/.test(digits) ? `0${digits}` : digits;
      const deleting = /^\d{2} ?\/? ?$/.test(this.text) && this.text.length < (this.before || "").length;
      this.input.value = padded.length > 2 || (padded.length === 2 && !deleting)
        ? `${padded.slice(0, 2)} / ${padded.slice(2, 4)}`
        : padded;
      this.before = this.input.value;
    }
  }

  mark(number) {
    const wrong = this.text && complaint(this.kind, this.text, number || "");
    this.input.setAttribute("aria-invalid", wrong ? "true" : "false");
  }
}
