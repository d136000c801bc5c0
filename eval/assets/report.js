"use strict";
// Filter the questions; without scripts the page shows all of them.
const form = document.getElementById("filters");
const questions = [...document.querySelectorAll("#questions > details")];
const words = questions.map((question) => question.textContent.toLowerCase());

function show() {
  const wanted = new FormData(form);
  const terms = String(wanted.get("text") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = [...wanted].filter(([name, value]) => name !== "text" && value);
  let shown = 0;
  questions.forEach((question, number) => {
    const fits =
      chosen.every(([name, value]) => question.dataset[name] === value) &&
      terms.every((term) => words[number].includes(term));
    question.hidden = !fits;
    shown += fits ? 1 : 0;
  });
  document.getElementById("shown").textContent = `${shown} of ${questions.length}`;
}

form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
show();
