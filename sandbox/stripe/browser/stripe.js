// window.Stripe: the calls of Stripe.js that a page makes, with its signatures and the shapes of its results.

function shownAmount(intent) {
  if (intent.amount === undefined) return null;
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency: intent.currency });
  return format.format(intent.amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

class StandIn {
  constructor(key) {
    this.key = key;
  }

  elements() {
    return new Elements();
  }

  async createPaymentMethod(options) {
    const { params, error } = this.methodParams(options);
    if (error) return { error };
    const made = await call(this.key, "POST", "payment_methods", params);
    return made.error ? { error: made.error } : { paymentMethod: made.value };
  }

  async retrievePaymentIntent(clientSecret) {
    return this.retrieved(clientSecret);
  }

  async retrieveSetupIntent(clientSecret) {
    return this.retrieved(clientSecret);
  }

  async confirmCardSetup(clientSecret, data = {}, options = {}) {
    const params = { client_secret: clientSecret };
    if (typeof data.payment_method === "string") {
      params.payment_method = data.payment_method;
    } else if (data.payment_method) {
      const made = await this.createPaymentMethod({ type: "card", ...data.payment_method });
      if (made.error) return { error: made.error };
      params.payment_method = made.paymentMethod.id;
    }
    if (data.return_url) params.return_url = data.return_url;
    const confirmed = await call(this.key, "POST", `setup_intents/${idOf(clientSecret)}/confirm`, params);
    if (confirmed.error) return { error: confirmed.error };
    if (confirmed.value.status === "requires_action" && options.handleActions !== false) {
      return this.handleNextAction({ clientSecret });
    }
    return { setupIntent: confirmed.value };
  }

  async handleNextAction({ clientSecret }) {
    const { name, failure } = kindOf(clientSecret);
    const found = await this.retrieved(clientSecret);
    if (found.error) return found;
    const action = found[name].next_action;
    if (!action) return found;
    if (action.type === "redirect_to_url") {
      window.location.assign(action.redirect_to_url.url);
      return new Promise(() => {});
    }
    try {
      await askHolder(action.use_stripe_sdk.source, shownAmount(found[name]));
    } catch {
      return { error: { type: "api_connection_error", message: "Your bank could not be reached. Please try again." } };
    }
    const after = await this.retrieved(clientSecret);
    if (after.error) return after;
    return after[name][failure] ? { error: { ...after[name][failure], [failureObject(name)]: after[name] } } : after;
  }

  async retrieved(clientSecret) {
    const { path, name } = kindOf(clientSecret);
    const found = await call(this.key, "GET", `${path}/${idOf(clientSecret)}`, { client_secret: clientSecret });
    return found.error ? { error: found.error } : { [name]: found.value };
  }

  methodParams(options) {
    const element = options.card || (options.elements && options.elements.getElement("card"));
    if (!(element instanceof CardElement)) {
      return { params: { ...options, type: "card" } };
    }
    const typed = element.group.card();
    if (typed.error) return { error: typed.error };
    const billing = { ...(options.billing_details || (options.params || {}).billing_details) };
    if (typed.postalCode) billing.address = { postal_code: typed.postalCode, ...billing.address };
    return {
      params: { type: "card", card: typed.card, billing_details: billing, metadata: options.metadata },
    };
  }
}

function failureObject(name) {
  return name === "setupIntent" ? "setup_intent" : "payment_intent";
}

window.Stripe = function Stripe(publishableKey) {
  if (typeof publishableKey !== "string" || !publishableKey.startsWith("pk_")) {
    throw new Error("Please call Stripe() with your publishable key. You used an empty string or a secret key.");
  }
  return new StandIn(publishableKey);
};
window.Stripe.version = "sandbox";
