// Connect clicks, forms and keys with what they do, then answer the question of the link.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button && acts[button.dataset.act]) acts[button.dataset.act](button);
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.form === "ask") ask(question.value);
  if (form.dataset.form === "correct") correct(form);
});
find("aside").addEventListener("change", (event) => {
  if (event.target.name === "qa-only") showChoice();
});
find(".scope").addEventListener("change", () => setScope(scope()));
find("[name=qa-least]").addEventListener("change", ({ target }) => {
  sessionStorage.setItem("qa-least", target.value); // a reload keeps it
  if (find(".answer")) ask(question.value, { push: false });
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    question.focus();
    question.select();
  }
  if (event.key === "Escape") close();
});
window.addEventListener("popstate", () => {
  const asked = new URLSearchParams(location.search).get("q");
  if (entries.has(asked)) showAgain(entries.get(asked));
  else if (asked) ask(asked, { push: false });
});

const theme = localStorage.getItem("qa-theme");
if (theme) document.body.classList.toggle("dark", theme === "dark");
if (!coarse.matches) question.focus({ preventScroll: true });

(async () => {
  await begun;
  const reply = await call("state");
  if (!reply) return;
  update(reply);
  if (reply.count) setScope(sessionStorage.getItem("qa-scope") || "own");
  find("[name=qa-least]").value = sessionStorage.getItem("qa-least") || "";
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) await ask(asked, { push: false });
  if (sessionStorage.getItem("qa-gone")) {
    sessionStorage.removeItem("qa-gone");
    notice("Your visit had ended, and your documents are deleted. Add them again to ask them.");
  }
  element.dataset.ready = "true";
})();
