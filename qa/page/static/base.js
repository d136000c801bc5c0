// What the other scripts share: finding elements, calling the server, telling the visitor.
// They run together as one function, to which Gradio gives `element` and `server`.
const find = (selector, within = element) => within.querySelector(selector);
const question = find("#qa-question");
const result = find(".result");
const wide = window.matchMedia("(min-width: 1100px)");
const coarse = window.matchMedia("(pointer: coarse)");
const acts = {}; // what a click on data-act="name" does, with the button

let visit = null;
let visitBegan;
const begun = new Promise((resolve) => { visitBegan = resolve; });

window.addEventListener("qa-visit", (event) => {
  if (!event.detail) {
    notice("Too many visitors hold documents here; reload this page later.");
    return;
  }
  visit = event.detail;
  sessionStorage.setItem("qa-visit", visit);
  visitBegan();
});

// Ask the server for something; null where that failed, and the visitor was told.
async function call(act, fields = {}) {
  await begun;
  const reply = await server.act({ act, visit, ...fields }); // undefined where no reply came
  if (!reply) {
    notice("The page cannot reach its server. Is qa ui still running? Then try again.");
    return null;
  }
  if (reply.gone) {
    sessionStorage.setItem("qa-gone", "1");
    if (fields.question) window.history.replaceState(null, "", linkTo(fields.question));
    location.reload(); // begins a new visit, and asks the question of the link
    return null;
  }
  if (reply.error) {
    notice(reply.error);
    return null;
  }
  return reply;
}

function notice(text, good = false) {
  const place = find(".notice");
  place.classList.toggle("good", good);
  place.textContent = text ? text.charAt(0).toUpperCase() + text.slice(1) : "";
  place.hidden = !text;
}

function say(text) {
  find(".status").textContent = text;
}

// Say on a button that it worked, for a moment.
function flash(button, text) {
  const before = button.textContent;
  button.textContent = text;
  say(text);
  setTimeout(() => { button.textContent = before; }, 1600);
}

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
