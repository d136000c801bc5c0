// Take files and folders, send them one by one, and say of each what became of it.
const drop = find(".drop");
const log = find(".log");
let taking = false;

// Return the files below a dropped entry, as [path, file] pairs; hidden ones are left out.
async function below(entry) {
  if (entry.name.startsWith(".")) return [];
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [[path, file]];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...(await below(one)));
  }
}

function content(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1] || "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function report(text, refused) {
  const row = document.createElement("li");
  row.className = refused ? "refused" : "read";
  row.textContent = text;
  if (refused) log.prepend(row); else log.append(row);
}

function stage(text, value) {
  find(".progress").hidden = false;
  find(".stage").textContent = text;
  const bar = find("progress");
  bar.hidden = value === 1;
  if (value === null) bar.removeAttribute("value"); else bar.value = value; // null: who knows
}

// Build the index, and count the seconds: nothing tells how many there will be.
async function index(passages) {
  const start = Date.now();
  const tell = () => {
    const seconds = Math.round((Date.now() - start) / 1000);
    stage(`Indexing ${passages} passages${seconds ? `, ${seconds} s` : ""} …`, null);
  };
  tell();
  const ticking = setInterval(tell, 1000);
  const reply = await call("build", { scope: "own" });
  clearInterval(ticking);
  return reply;
}

async function send(path, file) {
  const most = Number(drop.dataset.most);
  if (file.size > most) {
    const size = (file.size / 1e6).toFixed(1);
    report(`${path}: has ${size} MB, the limit for a file is ${most / 1e6} MB; split it`, true);
    return false;
  }
  const text = await content(file).catch(() => null);
  const reply = text === null ? null : await server.act({ act: "add", visit, name: path, content: text });
  if (!reply) {
    report(`${path}: could not be read or sent; try again`, true);
    return false;
  }
  if (reply.gone) await call("state"); // says so, and reloads
  if (reply.error) report(reply.error, true);
  else report(`${reply.read}: ${reply.passages} passage${reply.passages === 1 ? "" : "s"}`, false);
  return reply.passages ?? false;
}

async function take(files) {
  if (taking || !files.length) return;
  taking = true;
  await begun;
  notice("");
  log.replaceChildren();
  let count = 0;
  let passages = 0;
  for (const [at, [path, file]] of files.entries()) {
    stage(`Reading ${at + 1} of ${files.length}: ${path}`, at / (files.length + 1));
    const got = await send(path, file);
    if (got === false) continue;
    count += 1;
    passages += got;
  }
  const reply = count ? await index(passages) : await call("state");
  const refused = files.length - count;
  stage(`${count} read${refused ? `, ${refused} refused` : ""}.`, 1);
  taking = false;
  if (reply) update(reply);
  if (count) {
    setScope("own");
    find(".examples").hidden = true;
    notice(count === 1 ? "Your document is ready: ask it." : `Your ${count} documents are ready: ask them.`, true);
    if (!coarse.matches) question.focus({ preventScroll: true });
  }
}

// Show a visitor's documents and history as the server has them.
function update(reply) {
  find(".own-list").innerHTML = reply.own;
  find(".own-count").textContent = reply.count ? `(${reply.count})` : "";
  showChoice();
  find(".history-list").innerHTML = reply.history;
  find(".exports").hidden = !reply.asked;
  if (!reply.count) setScope("shared");
}

acts.remove = async (button) => {
  const reply = await call("remove", { id: button.dataset.id });
  if (!reply) return;
  update(reply);
  entries.clear(); // what quoted them is gone
  log.replaceChildren();
  stage("Removed, with the answers that quote it.", 1);
  result.replaceChildren();
  close({ focus: false });
};
acts.add = () => {
  close({ focus: false });
  drop.scrollIntoView({ block: "center" });
  find("[data-pick=files]").focus({ preventScroll: true });
};

for (const input of element.querySelectorAll("[data-pick]")) {
  input.addEventListener("change", () => {
    const files = [...input.files].map((file) => [file.webkitRelativePath || file.name, file]);
    take(files.filter(([path]) => !/(^|\/)\./.test(path)));
    input.value = "";
  });
}
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  window.addEventListener(name, (event) => {
    if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    find(".page").classList.toggle("over", name === "dragenter" || name === "dragover");
  });
}
window.addEventListener("drop", async (event) => {
  if (!event.dataTransfer) return;
  const items = [...event.dataTransfer.items].map((item) => [item.webkitGetAsEntry(), item.getAsFile()]);
  const files = [];
  for (const [entry, file] of items) {
    if (entry) files.push(...(await below(entry)));
    else if (file) files.push([file.name, file]);
  }
  acts.add();
  take(files);
});
