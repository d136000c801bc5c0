// Ask a question and show its answer.
let asking = 0;
const entries = new Map(); // question: the number of its entry in the history

// The ticks at the documents that alone are to be asked; none means all.
function ticks() {
  return [...element.querySelectorAll(".documents [name=qa-only]:checked")];
}

function showChoice() {
  const count = ticks().length;
  find(".choice").hidden = !count;
  find(".choice span").textContent = count === 1 ? "Asking 1 document." : `Asking ${count} documents.`;
  find(".scope").hidden = Boolean(count) || !find(".own-list .documents");
}

function untick() {
  for (const tick of ticks()) tick.checked = false;
  showChoice();
}

function scope() {
  const whose = new Set(ticks().map((tick) => (tick.closest(".own-list") ? "own" : "shared")));
  if (whose.size) return whose.size > 1 ? "both" : [...whose][0];
  return find(".scope").hidden ? "shared" : find(".scope input:checked").value;
}

function setScope(value) {
  find(`.scope input[value="${value}"]`).checked = true;
  sessionStorage.setItem("qa-scope", value); // a reload keeps it
}

// How sure an answer must be to be given; null leaves it to the reader's calibration.
function minConfidence() {
  const { value } = find("[name=qa-least]");
  return value ? Number(value) : null;
}

async function ask(text, { push = true } = {}) {
  text = text.trim();
  if (!text) {
    question.focus();
    return;
  }
  const turn = ++asking;
  question.value = text;
  notice("");
  result.setAttribute("aria-busy", "true");
  const documents = ticks().map((tick) => tick.value);
  const reply = await call("ask", { question: text, scope: scope(), documents, min_confidence: minConfidence() });
  if (turn !== asking) return; // a later question overtook this one
  result.setAttribute("aria-busy", "false");
  if (!reply) return;
  const link = linkTo(text);
  if (push && link !== location.href) window.history.pushState(null, "", link);
  show(reply);
  find(".history-list").innerHTML = reply.history;
  find(".exports").hidden = false;
}

// Put an answer on the page; where there is room, open the document beside it.
function show(reply) {
  result.innerHTML = reply.html;
  entries.set(reply.question, reply.entry);
  find(".welcome").hidden = true;
  if (coarse.matches) question.blur(); // puts the keyboard of a phone away
  const percent = Math.round(100 * reply.confidence);
  say(reply.answer === null
    ? `${find(".answer .value").textContent}.`
    : `Answer: ${reply.answer}. ${percent} percent confidence.`);
  const cited = find(".answer.found figcaption [data-act=open]");
  if (cited && wide.matches) {
    open(cited, { focus: false });
  } else {
    close({ focus: false });
  }
}

function linkTo(text) {
  return `${location.origin}${location.pathname}?q=${encodeURIComponent(text)}`;
}

acts.ask = (button) => ask(button.dataset.question);
acts["ask-both"] = (button) => {
  untick();
  setScope(find(".scope").hidden ? "shared" : "both");
  ask(button.dataset.question);
};
acts["ask-all"] = untick;
acts.edit = () => {
  question.focus();
  question.select();
};
async function showAgain(entry) {
  const reply = await call("show", { entry });
  if (!reply) return;
  question.value = reply.question;
  show(reply);
  result.scrollIntoView({ block: "nearest" });
}
acts.show = (button) => showAgain(Number(button.dataset.entry));
acts.copy = async (button) => {
  await copy(button.dataset.text);
  flash(button, "Copied");
};
acts.link = async (button) => {
  await copy(linkTo(button.dataset.question));
  flash(button, "Link copied");
};
