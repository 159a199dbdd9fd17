// Calls of the API with the publishable key, answered as { value } or { error } like Stripe.js does.

// Known only while the script is first run, so it is read here and kept.
const BASE = new URL("../..", document.currentScript.src).href.replace(/\/$/, "");

function encode(value, path, pairs) {
  if (value === undefined || value === null) return pairs;
  if (typeof value === "object") {
    for (const [name, each] of Object.entries(value)) {
      encode(each, path ? `${path}[${name}]` : name, pairs);
    }
  } else {
    pairs.append(path, String(value));
  }
  return pairs;
}

async function call(key, method, path, params) {
  const encoded = encode(params, "", new URLSearchParams());
  const query = method === "GET" && [...encoded].length ? `?${encoded}` : "";
  try {
    const response = await fetch(`${BASE}/v1/${path}${query}`, {
      method,
      headers: { Authorization: `Bearer ${key}` },
      body: method === "GET" ? undefined : encoded,
    });
    const answer = await response.json();
    return answer.error ? { error: answer.error } : { value: answer };
  } catch {
    return {
      error: {
        type: "api_connection_error",
        message: "We are experiencing issues connecting to our payments provider. Please check your internet connection and try again.",
      },
    };
  }
}

function idOf(clientSecret) {
  return clientSecret.split("_secret_")[0];
}

function kindOf(clientSecret) {
  return clientSecret.startsWith("seti_")
    ? { path: "setup_intents", name: "setupIntent", failure: "last_setup_error" }
    : { path: "payment_intents", name: "paymentIntent", failure: "last_payment_error" };
}
