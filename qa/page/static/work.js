// Judge answers, save the history, show how programs ask, choose light or dark.
acts.up = async (button) => {
  const reply = await call("judge", { entry: Number(button.dataset.entry), right: true });
  if (reply) judged(button.closest(".answer"), button, reply.said);
};
acts.down = (button) => {
  const form = find(".correct", button.closest(".answer"));
  form.hidden = !form.hidden;
  const chosen = String(window.getSelection()).trim();
  const words = find("[name=words]", form);
  if (chosen && !words.value) words.value = chosen;
  if (!form.hidden) words.focus();
};

async function correct(form) {
  const reply = await call("judge", {
    entry: Number(form.dataset.entry),
    right: false,
    words: find("[name=words]", form).value,
    nothing: find("[name=nothing]", form).checked,
  });
  if (!reply) return;
  form.hidden = true;
  const answer = form.closest(".answer");
  judged(answer, find("[data-act=down]", answer), reply.said);
}

function judged(answer, button, said) {
  for (const thumb of answer.querySelectorAll(".thumb")) {
    thumb.classList.toggle("on", thumb === button);
    thumb.setAttribute("aria-pressed", String(thumb === button));
  }
  find(".said", answer).textContent = said;
  notice("");
}

acts.export = async (button) => {
  const reply = await call("export", { kind: button.dataset.kind });
  if (!reply) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([reply.text], { type: reply.media }));
  link.download = reply.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  flash(button, "Saved");
};

acts.theme = () => {
  const dark = document.body.classList.toggle("dark");
  localStorage.setItem("qa-theme", dark ? "dark" : "light");
};

const address = `${location.origin}${location.pathname.replace(/\/$/, "")}/gradio_api`;
const sample = (name, text) => { find(`[data-sample=${name}]`).textContent = text; };
sample("api", `curl -s ${address}/run/ask -H 'Content-Type: application/json' \\
  -d '{"data": ["What was the trade target?"]}'`);
sample("mcp", JSON.stringify({ mcpServers: { documents: { url: `${address}/mcp/` } } }, null, 2));
