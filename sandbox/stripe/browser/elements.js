// stripe.elements(): the elements of one form, which find each other when a payment method is made.

const PARTS = {
  card: ["cardNumber", "cardExpiry", "cardCvc", "postalCode"],
  cardNumber: ["cardNumber"],
  cardExpiry: ["cardExpiry"],
  cardCvc: ["cardCvc"],
};

function loadStyle() {
  const href = `${BASE}/js/v3/elements.css`;
  if (!document.querySelector(`link[href="${href}"]`)) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    document.head.append(link);
  }
}

class CardElement {
  constructor(type, options, group) {
    this.type = type;
    this.group = group;
    this.listeners = {};
    const kinds = PARTS[type].filter((kind) => kind !== "postalCode" || !options.hidePostalCode);
    this.fields = kinds.map((kind) => new Field(kind, options, () => this.emit("change", this.state())));
    for (const field of this.fields) {
      field.input.addEventListener("focus", () => this.emit("focus", { elementType: type }));
      field.input.addEventListener("blur", () => this.emit("blur", { elementType: type }));
    }
  }

  mount(target) {
    const place = typeof target === "string" ? document.querySelector(target) : target;
    if (!place) throw new Error(`The selector you specified (${target}) applies to no DOM elements.`);
    loadStyle();
    this.root = document.createElement("div");
    this.root.className = "stand-in-element";
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Card");
    this.root.append(...this.fields.map((field) => field.box));
    place.replaceChildren(this.root);
    place.classList.add("StripeElement");
    queueMicrotask(() => this.emit("ready", { elementType: this.type }));
  }

  unmount() {
    if (this.root) this.root.remove();
  }

  destroy() {
    this.unmount();
    this.group.forget(this);
  }

  clear() {
    for (const field of this.fields) field.input.value = "";
    this.emit("change", this.state());
  }

  focus() {
    this.fields[0].input.focus();
  }

  blur() {
    for (const field of this.fields) field.input.blur();
  }

  update(options) {
    if ("disabled" in options) for (const field of this.fields) field.input.disabled = Boolean(options.disabled);
  }

  on(event, listener) {
    (this.listeners[event] = this.listeners[event] || []).push(listener);
    return this;
  }

  off(event, listener) {
    this.listeners[event] = (this.listeners[event] || []).filter((each) => listener && each !== listener);
    return this;
  }

  emit(event, detail) {
    for (const listener of this.listeners[event] || []) listener(detail);
  }

  // The complaint about the first field that has one; about half-typed fields only when `all` is asked for.
  wrong(all) {
    const number = digitsOf((this.group.field("cardNumber") || { text: "" }).text);
    for (const field of this.fields) {
      const found = complaint(field.kind, field.text, number);
      if (found && (all || (field.text && !found.code.startsWith("incomplete")))) {
        return { field, error: { type: "validation_error", ...found } };
      }
    }
    return null;
  }

  state() {
    const wrong = this.wrong(false);
    return {
      elementType: this.type,
      empty: this.fields.every((field) => !field.text),
      complete: this.wrong(true) === null,
      brand: brandOf(digitsOf((this.group.field("cardNumber") || { text: "" }).text)),
      error: wrong ? wrong.error : undefined,
    };
  }
}

class Elements {
  constructor() {
    this.all = [];
  }

  create(type, options = {}) {
    if (!PARTS[type]) throw new Error(`The stand-in draws ${Object.keys(PARTS).join(", ")}, not ${type}.`);
    const element = new CardElement(type, options, this);
    this.all.push(element);
    return element;
  }

  getElement(type) {
    const name = typeof type === "string" ? type : type.__elementType;
    return this.all.find((element) => element.type === name) || null;
  }

  forget(element) {
    this.all = this.all.filter((each) => each !== element);
  }

  field(kind) {
    return this.all.flatMap((element) => element.fields).find((field) => field.kind === kind);
  }

  // The card typed into the group as the API takes it, or { error } with the field focused.
  card() {
    for (const element of this.all) {
      const wrong = element.wrong(true);
      if (wrong) {
        wrong.field.input.setAttribute("aria-invalid", "true");
        wrong.field.input.focus();
        return { error: wrong.error };
      }
    }
    const expiry = expiryOf(this.field("cardExpiry").text);
    const postalCode = this.field("postalCode");
    return {
      card: {
        number: digitsOf(this.field("cardNumber").text),
        exp_month: expiry.month,
        exp_year: expiry.year,
        cvc: digitsOf(this.field("cardCvc").text),
      },
      postalCode: postalCode ? postalCode.text.trim() : undefined,
    };
  }
}
