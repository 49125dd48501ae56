// Deciding. Nothing leaves this page but the file that the reader saves; nothing is sealed before it is read in.
Object.assign(WORDS, {
  unsealed: ["Arbeitskopie, nicht versiegelt. Vertraulich.", "Working copy, not sealed. Confidential."],
  save: ["Entscheidungen sichern (decisions.json)", "Save decisions (decisions.json)"],
  changed: [" geändert, nicht gesichert", " changed, not saved"], saved: [" gesichert", " saved"],
  none: ["nicht in der Sache", "not in the matter"], privileged: ["privilegiert", "privileged"], withheldItem: ["zurückhalten", "withheld"],
  cut: ["Markierung schwärzen", "Blacken the marked words"], uncut: ["Schwärzung aufheben", "Take the blackening back"],
  reason: ["Grund der Schwärzung", "Reason of the blackening"], note: ["Notiz", "Note"], decision: ["Entscheidung zu ", "Decision on "],
  needReason: ["Eine Schwärzung ohne Grund: ", "A blackening without a reason: "],
  needMark: ["Zuerst Wörter im Text markieren.", "First mark words in the text."],
  outside: ["Schwärzung oder Notiz, aber nicht in der Sache: ", "Blackened or noted, but not in the matter: "],
});
const DECISIONS = [["", "none"], ["hit", "hit"], ["context", "context"], ["privileged", "privileged"], ["withheld", "withheldItem"]];
const about = JSON.parse($("about").textContent);
const items = $("items").textContent.split("\n").filter(Boolean).map((line) => JSON.parse(line));
const threads = new Map();
let thread = null, shown = PAGE, needle = "", saved = true;
language = about.language === "de" ? 0 : 1;
for (const one of items) {
  one.before = JSON.stringify([one.decision, one.spans, one.reason]);
  one.note = "";
  one.points = [...one.text]; // spans count characters as the archive does, not UTF-16 units
  if (!threads.has(one.thread)) threads.set(one.thread, []);
  threads.get(one.thread).push(one);
}
thread = [...threads.keys()][0];
const isChanged = (one) => one.note.trim() !== "" || JSON.stringify([one.decision, one.spans, one.reason]) !== one.before;
const matches = (one) => !needle || [one.title, one.text, one.author, one.account, ...one.attachments].join("\n").toLowerCase().includes(needle);

// The text in pieces, each of which knows where it begins, so that what is marked can be counted back.
function showText(one) {
  const box = node("div", "text");
  box.dir = "auto";
  const edges = [0, ...one.spans.flat(), one.points.length];
  for (let i = 0; i + 1 < edges.length; i++) {
    const into = i % 2 ? node("mark", "cut") : node("span");
    let at = edges[i];
    for (const [piece, odd] of pieces(one.points.slice(edges[i], edges[i + 1]).join(""))) {
      const part = node("span", odd ? "odd" : "", piece);
      part.dataset.at = at;
      part.dataset.length = odd ? 1 : [...piece].length;
      at += Number(part.dataset.length);
      into.append(part);
    }
    box.append(into);
  }
  return box;
}
function place(container, offset, end) { // of one end of a selection, in characters of the text; null outside of it
  const element = container.nodeType === 3 ? container.parentElement : container.children[offset] ?? container.lastElementChild;
  const part = element?.closest("[data-at]") ?? element?.querySelector?.("[data-at]");
  if (!part) return null;
  const at = Number(part.dataset.at), length = Number(part.dataset.length);
  if (part.className === "odd") return end ? at + length : at;
  if (container.nodeType !== 3) return container.children[offset] ? at : at + length;
  return at + [...container.data.slice(0, offset)].length;
}
function marked(one) {
  const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
  const box = document.querySelector(`#item-${one.item} .text`);
  if (!range || range.collapsed || !box?.contains(range.startContainer) || !box.contains(range.endContainer)) return null;
  const start = place(range.startContainer, range.startOffset, false), end = place(range.endContainer, range.endOffset, true);
  return start !== null && end !== null && start < end ? [start, end] : null;
}
function merge(spans) {
  const done = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (done.length && start <= done.at(-1)[1]) done.at(-1)[1] = Math.max(end, done.at(-1)[1]);
    else done.push([start, end]);
  }
  return done;
}
function button(text, action) {
  const made = node("button", "", text);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}
function written(one, name, label) {
  const made = node("input");
  made.type = "text";
  made.value = one[name];
  made.placeholder = label;
  made.setAttribute("aria-label", `${label}, ${word("number")}${one.item}`);
  made.addEventListener("input", () => { one[name] = made.value; touched(one); });
  return made;
}
function touched(one) {
  saved = false;
  document.getElementById("item-" + one.item)?.classList.toggle("changed", isChanged(one));
  state();
}
function decide(one) {
  const group = node("fieldset");
  group.setAttribute("aria-label", word("decision") + word("number") + one.item);
  for (const [value, key] of DECISIONS) {
    const label = node("label"), radio = node("input");
    Object.assign(radio, { type: "radio", name: "decision-" + one.item, value, checked: one.decision === value });
    radio.addEventListener("change", () => { one.decision = value; touched(one); });
    label.append(radio, " ", word(key));
    group.append(label);
  }
  const cut = () => {
    const span = marked(one);
    $("refused").textContent = span ? "" : word("needMark");
    if (span) { one.spans = merge([...one.spans, span]); touched(one); redraw(one); }
  };
  group.append(button(word("cut"), cut));
  if (one.spans.length) group.append(button(word("uncut"), () => { one.spans = []; if (!one.facets.length) one.reason = ""; touched(one); redraw(one); }), written(one, "reason", word("reason")));
  group.append(written(one, "note", word("note")));
  return group;
}
function article(one) {
  const box = node("article", `${one.why} ${isChanged(one) ? "changed" : ""}`), head = node("div", "head");
  box.id = "item-" + one.item;
  box.tabIndex = 0;
  box.setAttribute("aria-label", word("number") + one.item);
  head.append(node("span", "meta", word("number") + one.item), fill(node("bdi", "author"), one.author || word("nobody")), fill(node("bdi", "account"), one.account));
  if (one.utc) head.append(node("span", "meta", zoned(Date.parse(one.utc.replace(/(\.\d{3})\d*/, "$1")), about, one.precision)));
  head.append(fill(node("bdi", "meta"), one.written), node("span", "badge", word(one.why)));
  if (one.event !== "posted") head.append(node("span", "badge", word(one.event)));
  box.append(head);
  if (one.title) box.append(fill(node("div", "author"), one.title, needle));
  box.append(showText(one));
  for (const name of one.attachments) box.append(fill(node("div", "meta"), word("attachment") + name));
  if (one.facets.length) box.append(node("p", "withheld", word("withheld") + one.facets.join(", ")));
  box.append(decide(one));
  return box;
}
function redraw(one) { document.getElementById("item-" + one.item)?.replaceWith(article(one)); }
function state() {
  const count = items.filter(isChanged).length;
  $("state").textContent = count ? count + word(saved ? "saved" : "changed") : "";
}
function draw() {
  document.documentElement.lang = language ? "en" : "de";
  for (const [id, key] of [["unsealed", "unsealed"], ["find-label", "find"], ["language", "other"], ["save", "save"], ["threads-title", "threads"], ["more", "more"]]) $(id).textContent = word(key);
  $("matter").replaceChildren();
  fill($("matter"), `${about.matter} ${about.title}`);
  $("thread-list").replaceChildren(...[...threads].map(([name, all]) => {
    const line = node("li"), made = fill(button("", () => { thread = name; shown = PAGE; draw(); $("content").focus(); }), name);
    made.append(` (${all.filter(matches).length})`);
    if (name === thread) made.setAttribute("aria-current", "true");
    line.append(made);
    return line;
  }));
  $("thread-title").replaceChildren();
  fill($("thread-title"), thread ?? "");
  const found = (threads.get(thread) ?? []).filter(matches);
  $("messages").replaceChildren(...found.slice(0, shown).map(article));
  $("more").hidden = found.length <= shown;
  state();
}
function refusal(changed) { // what could not be read in is said here already
  for (const one of changed) {
    if ((one.spans.length || one.facets.length) && !one.reason.trim()) return word("needReason") + word("number") + one.item;
    if (!one.decision && (one.spans.length || one.note.trim())) return word("outside") + word("number") + one.item;
  }
  return "";
}
function decisions() {
  const changed = items.filter(isChanged);
  $("refused").textContent = refusal(changed);
  if ($("refused").textContent) return null;
  const rows = changed.map((one) => {
    const [decision, spans, reason] = JSON.parse(one.before), row = { item: one.item, leaf: one.leaf };
    if (one.decision !== decision) row.decision = one.decision || "removed";
    if (JSON.stringify([one.spans, one.reason]) !== JSON.stringify([spans, reason])) Object.assign(row, { spans: one.spans, facets: one.facets, reason: one.reason.trim() });
    if (one.note.trim()) row.note = one.note.trim();
    return row;
  });
  return { format: "beleg/review/v1", origin: about.origin, matter: about.matter, known: about.known, decisions: rows };
}
function save() {
  const made = decisions();
  if (!made) return;
  const link = node("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(made, null, 1) + "\n"], { type: "application/json" }));
  link.download = "decisions.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  saved = true;
  state();
}
$("save").addEventListener("click", save);
$("language").addEventListener("click", () => { language = 1 - language; draw(); });
$("more").addEventListener("click", () => { shown += PAGE; draw(); });
$("find").addEventListener("input", () => { needle = $("find").value.toLowerCase(); shown = PAGE; draw(); });
addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });
draw();
document.body.dataset.verdict = "ready";
