// Show a whole document, scrolled to its quote: beside the answer, or over the page on a phone.
const reading = find(".reading");
let opener = null; // what had the focus before

async function open(button, { focus = true } = {}) {
  const { document: name, sha, start, end, from, to } = button.dataset;
  const fields = { document: name, sha };
  for (const [key, value] of Object.entries({ start, end, from, to })) {
    if (value !== undefined) fields[key] = Number(value);
  }
  const reply = await call("read", fields);
  if (!reply) return;
  find(".whole").innerHTML = reply.html;
  reading.hidden = false;
  find(".columns").classList.add("is-reading");
  reading.setAttribute("role", wide.matches ? "region" : "dialog");
  reading.toggleAttribute("aria-modal", !wide.matches);
  if (focus || !wide.matches) {
    opener = button;
    find(".reading .close").focus({ preventScroll: true });
  }
  const text = find(".reading .text");
  const mark = find("mark", text);
  text.scrollTop = 0;
  if (!mark) return;
  const middle = () => {
    const [box, within] = [mark.getBoundingClientRect(), text.getBoundingClientRect()];
    text.scrollTop += box.top - within.top - text.clientHeight / 3;
  };
  middle();
  requestAnimationFrame(middle); // what lies around it has its true height now
}

function close({ focus = true } = {}) {
  if (reading.hidden) return;
  reading.hidden = true;
  find(".columns").classList.remove("is-reading");
  if (focus && opener && opener.isConnected) opener.focus();
  opener = null;
}

acts.open = (button) => open(button);
acts.close = () => close();
acts.panel = (button) => {
  close({ focus: false });
  const panel = find(`#qa-${button.dataset.panel}`);
  panel.scrollIntoView({ block: "start" });
  panel.focus({ preventScroll: true });
};

// While a document lies over the page, Tab stays within it.
reading.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || wide.matches) return;
  const stops = [...reading.querySelectorAll("button, [tabindex='0']")];
  const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
  if (document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
  }
});
