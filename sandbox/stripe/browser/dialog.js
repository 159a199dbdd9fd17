// The 3-D Secure question: a dialog over the page with the bank's two possible answers.

function labelled(tag, text, className) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

async function sendAnswer(source, outcome) {
  await fetch(`${BASE}/three_d_secure/${source}`, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ outcome }),
  });
}

// Resolves once the holder has answered and the answer is with the API.
function askHolder(source, amount) {
  loadStyle();
  return new Promise((resolve, reject) => {
    const dialog = document.createElement("dialog");
    dialog.className = "stand-in-dialog";
    made += 1;
    const heading = labelled("h2", "3-D Secure check");
    heading.id = `stand-in-dialog-${made}`;
    dialog.setAttribute("aria-labelledby", heading.id);
    const text = amount ? `Your bank asks: do you approve the payment of ${amount}?` : "Your bank asks: may this card be saved?";
    const complete = labelled("button", "Complete authentication", "stand-in-primary");
    const fail = labelled("button", "Fail authentication");
    complete.type = fail.type = "button";
    const buttons = document.createElement("div");
    buttons.append(complete, fail);
    dialog.append(heading, labelled("p", text), labelled("p", "This is the sandbox: no bank is asked."), buttons);
    const answer = async (outcome) => {
      complete.disabled = fail.disabled = true;
      try {
        await sendAnswer(source, outcome);
        resolve();
      } catch (error) {
        reject(error);
      }
      dialog.close();
      dialog.remove();
    };
    complete.addEventListener("click", () => answer("complete"));
    fail.addEventListener("click", () => answer("fail"));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answer("fail");
    });
    document.body.append(dialog);
    dialog.showModal();
    complete.focus();
  });
}
